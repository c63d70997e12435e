"""Seal and open secrets. The keys live in a file outside the database; every sealed value names its key.

Key file: JSON {"active": "k1", "keys": {"k1": "<base64 of 32 bytes>", ...}}. To rotate: add a key, make it active,
run `rotate_secrets`, then drop the old one. AES-256-GCM with a random 96-bit nonce; the place a secret belongs to is
authenticated with it, so a sealed value copied to another row does not open there.
"""

import base64
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Nonce length AES-GCM is specified for (NIST SP 800-38D, 8.2): other lengths are hashed first and gain nothing.
NONCE_BYTES = 12


class VaultError(Exception):
    """A secret cannot be sealed or opened; says what was tried and what to do. Never contains a secret."""


@dataclass(frozen=True)
class Vault:
    """The keys of one key file. `repr` shows no key."""

    active: str
    keys: dict[str, bytes] = field(repr=False)

    def seal(self, secret: str, *, place: UUID) -> bytes:
        """`secret` sealed for the row `place` with the active key: `<key id>:<nonce><ciphertext and tag>`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.active]).encrypt(nonce, secret.encode(), place.bytes)
        return self.active.encode() + b":" + nonce + sealed

    def open(self, sealed: bytes, *, place: UUID) -> str:
        """The secret again. Raises VaultError when its key is gone, or the value was changed or belongs elsewhere."""
        key_id, nonce, ciphertext = _taken_apart(sealed)
        key = self.keys.get(key_id)
        if key is None:
            raise VaultError(
                f"the secret was sealed with key {key_id!r}, which is not in the key file; put that key back "
                "or enter the secret again with add_credential"
            )
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, place.bytes).decode()
        except InvalidTag as error:
            raise VaultError("the sealed secret was changed or belongs to another row; enter it again") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value was sealed with the active key."""
        return _taken_apart(sealed)[0] == self.active


def _taken_apart(sealed: bytes) -> tuple[str, bytes, bytes]:
    key_id, separator, rest = bytes(sealed).partition(b":")
    if not separator or len(rest) <= NONCE_BYTES:
        raise VaultError("the sealed secret is damaged; enter it again with add_credential")
    return key_id.decode("ascii", "replace"), rest[:NONCE_BYTES], rest[NONCE_BYTES:]


def vault_from(path: Path) -> Vault:
    """The vault of a key file. Raises VaultError naming the file and what is wrong with it."""
    try:
        document = json.loads(path.read_text())
        active = document["active"]
        keys = {key_id: base64.b64decode(value, validate=True) for key_id, value in document["keys"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VaultError(f"key file {path} cannot be read: {error}") from error
    if active not in keys:
        raise VaultError(f"key file {path}: the active key {active!r} is not among its keys")
    for key_id, key in keys.items():
        if len(key) != 32:
            raise VaultError(f"key file {path}: key {key_id!r} has {len(key)} bytes, AES-256 needs 32")
        if not key_id.isalnum():
            raise VaultError(f"key file {path}: key id {key_id!r} must consist of letters and digits")
    return Vault(active=active, keys=keys)
