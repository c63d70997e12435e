"""People who sign in, and the one-time links that let them in without a password."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

# Long enough to copy a link from a console into a browser, too short to be found in a scroll-back buffer tomorrow.
SIGN_IN_LINK_LIFETIME = timedelta(minutes=15)


class User(AbstractUser):
    """A person. Staff of the managed service provider (`is_staff`) see every customer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.replace(".", " ").replace("-", " ").split()
        return "".join(word[0] for word in words[:2]).upper()


class SignInLinkManager(models.Manager["SignInLink"]):
    def issue(self, user: User) -> str:
        """A fresh token for `user`. Only its hash is stored, and every earlier link of the user stops working."""
        self.filter(user=user, used_at=None).update(used_at=timezone.now())
        token = secrets.token_urlsafe(32)
        self.create(user=user, token_hash=hash_of(token), expires_at=timezone.now() + SIGN_IN_LINK_LIFETIME)
        return token

    def redeem(self, token: str) -> User | None:
        """The user the token lets in, once. One guarded update decides, so a second use of the same link loses."""
        if self._usable(token).update(used_at=timezone.now()) != 1:
            return None
        return self.select_related("user").get(token_hash=hash_of(token)).user

    def is_open(self, token: str) -> bool:
        """Whether the token would let someone in now."""
        return self._usable(token).exists()

    def _usable(self, token: str) -> models.QuerySet["SignInLink"]:
        return self.filter(token_hash=hash_of(token), used_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class SignInLink(models.Model):
    """A link printed on the server's console: single use, short-lived, consumed by a POST."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[SignInLinkManager] = SignInLinkManager()

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}"


def hash_of(token: str) -> str:
    """SHA-256 of a token of 256 random bits: no salt is needed, as nothing short enough to guess is hashed."""
    return hashlib.sha256(token.encode()).hexdigest()
