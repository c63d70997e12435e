"""Every setting of the product, typed, in one place. What differs between installations comes from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import variables

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The installation ---------------------------------------------------------------------------------------------

# `tls`: behind a reverse proxy that ends TLS. `loopback`: plain http on this machine, as `up` and `demo` serve it.
PROFILE = variables.choice("FLEET_AUDIT_PROFILE", "loopback", ("loopback", "tls"))
BEHIND_TLS = PROFILE == "tls"

FLEET_AUDIT_BASE_URL = variables.base_url(
    "FLEET_AUDIT_BASE_URL", "https://localhost" if BEHIND_TLS else "http://127.0.0.1:8000"
)
_BASE = urlsplit(FLEET_AUDIT_BASE_URL)
if BEHIND_TLS and _BASE.scheme != "https":
    raise variables.refuse("FLEET_AUDIT_BASE_URL", FLEET_AUDIT_BASE_URL, "an https:// address in the profile tls")

# Customers' networks may contain 127.0.0.0/8: for the simulated fleet of `demo` and the tests only.
FLEET_AUDIT_ALLOW_LOOPBACK = variables.flag("FLEET_AUDIT_ALLOW_LOOPBACK")
FLEET_AUDIT_VAULT_KEY_FILE = variables.path("FLEET_AUDIT_VAULT_KEY_FILE", needed_for="sealing customers' credentials")

SECRET_KEY = variables.secret(
    "FLEET_AUDIT_SECRET_KEY_FILE",
    needed_for="signing sessions",
    shortest=50,  # what Django's own check asks for
)
DEBUG = False
ALLOWED_HOSTS = variables.words(
    "FLEET_AUDIT_ALLOWED_HOSTS",
    [str(_BASE.hostname)] if BEHIND_TLS else ["127.0.0.1", "localhost", "[::1]"],
)

# --- What it consists of ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "fleet.accounts",
    "fleet",
    "audits",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "django_tables2",
    "django_filters",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page asks for a sign-in unless it says otherwise: forgetting a decorator must not publish a page.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as it replaces the answer to a locked-out sign-in
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------------------------

# One connection for each thread that can hold one: web 8, worker 24 and its 4 own threads; a command needs few.
# 0 means no pool, which the tests use: a pool's open connections would stand in the way of dropping a test database.
_POOL_SIZE = variables.number("FLEET_AUDIT_POOL_SIZE", 4, lowest=0, highest=200)

_DATABASE = variables.database("DATABASE_URL")
if _password := variables.optional_secret("DATABASE_PASSWORD_FILE"):
    _DATABASE["PASSWORD"] = _password
if _POOL_SIZE:
    _DATABASE["OPTIONS"]["pool"] = {
        "min_size": 1,  # an idle process holds one connection, not its most
        "max_size": _POOL_SIZE,
        "timeout": 10,  # seconds a request waits for a free connection before it fails with a clear error
        "max_idle": 120,  # seconds after which a connection that a peak has opened is closed again
    }

DATABASES: dict[str, dict[str, Any]] = {
    # With the health check a connection that died with a killed PostgreSQL is replaced before a request uses it.
    "default": _DATABASE | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False},
}

# --- Broker -------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = variables.broker("REDIS_URL", variables.optional_secret("REDIS_PASSWORD_FILE"))

# --- Who signs in -------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # Argon2id; no older hash exists here
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # OWASP ASVS 5.0, 6.2.9: a password without a second factor has 15 characters at least, and no composition rules.
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign_in"

# Sign-in limits: 5 failures for an account, which leaves a guesser 480 tries a day; 20 for an address, as a whole
# office may share one. Both are forgotten after 15 minutes, and failing on while locked does not prolong them:
# a stranger can delay a technician, never lock them out for good.
AXES_HANDLER = "config.sign_in_limits.SignInLimits"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_ADDRESS_FAILURE_LIMIT = 20
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "config.client_address.client_address"
AXES_HTTP_RESPONSE_CODE = 429

# --- Sessions, cookies, headers -----------------------------------------------------------------------------------

SESSION_ENGINE = "django.contrib.sessions.backends.db"  # in the database: can be listed and revoked
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # a working day with its overtime
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # htmx sends the token from the page, not from the cookie
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
# Browsers do not keep cookies apart by port: two instances on one machine need names of their own.
_SUFFIX = f"_{_BASE.port}" if _BASE.port and not BEHIND_TLS else ""
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else f"fleet_audit_session{_SUFFIX}"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_TLS else f"fleet_audit_csrf{_SUFFIX}"
# Without TLS nothing but SameSite keeps other local pages out. Behind TLS a link in a mail should find one signed in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax" if BEHIND_TLS else "Strict"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no third cookie

if BEHIND_TLS:
    CSRF_TRUSTED_ORIGINS = [FLEET_AUDIT_BASE_URL]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy sets it and drops a client's own
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by the container engine, from inside, without TLS
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())  # the least that hstspreload.org accepts
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: images in its style sheet
        "font-src": [SELF],
        "connect-src": [SELF],  # htmx
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Static files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
# Served under names with a hash, cached for ever and compressed once, from a directory that the launcher (or the
# image build) collects. Without that directory, as in the tests, they come from the source under their plain names.
_STATIC_ROOT = variables.text("FLEET_AUDIT_STATIC_ROOT", "")
STATIC_ROOT = _STATIC_ROOT or None
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _STATIC_ROOT
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is ever uploaded to disk
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- What is uploaded --------------------------------------------------------------------------------------------

# The output of an offline script is the only file that anybody uploads. It is held in memory and never on disk; one
# that is larger than this (8 MiB, the limit of the output itself, and the form around it) is not kept at all.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024 + 64 * 1024

# --- Language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5.html"

# --- Logs ---------------------------------------------------------------------------------------------------------

_LEVEL = variables.choice("FLEET_AUDIT_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.log_lines.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": _LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": _LEVEL, "propagate": True},
        # Their INFO is a line for every message and request on the wire, in which a host's text could be found.
        "pypsrp": {"level": "WARNING"},
        "spnego": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "axes": {"level": "WARNING"},  # a lock-out is a warning; the rest is talk about itself
    },
}
