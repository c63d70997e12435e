"""The key exchange for secrets (MS-PSRP 3.1.4.6): our RSA key goes to the host, its AES key comes back sealed with it.

The protocol encrypts every SecureString with a zero IV, so equal secrets look equal within a session; that they travel
inside TLS or message encryption still matters.
"""

import base64
import binascii
import struct

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pypsrp.messages import PublicKey
from pypsrp.serializer import Serializer

from audits.collect.winrm import psrp
from audits.collect.winrm.errors import KeyExchangeFailed, Unintelligible
from audits.collect.winrm.psrp import Message

_RSA_BITS = 2048
# PUBLICKEYSTRUC of a PUBLICKEYBLOB (type 6, version 2, CALG_RSA_KEYX) and RSAPUBKEY ("RSA1", bits): MS-PSRP 2.2.2.3.
_PUBLIC_KEY_HEADER = b"\x06\x02\x00\x00\x00\xa4\x00\x00" + b"RSA1" + struct.pack("<I", _RSA_BITS)
# The SIMPLEBLOB begins with type, version and two algorithms (2.2.2.4); a key of the right length is proof enough.
_SESSION_KEY_HEADER_BYTES = 12
_AES_KEY_BYTES = 32


class SessionKey:
    """The AES key of one session. It shows itself nowhere."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))

    def serializer(self) -> Serializer:
        """A writer of CLIXML that seals every SecureString with this key."""
        serializer = Serializer()
        serializer.cipher = self._cipher
        return serializer


class KeyExchange:
    """One exchange. Making the RSA key costs some 50 ms, so only a session with secrets has one."""

    def __init__(self) -> None:
        self._private_key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)

    def offer(self) -> Message:
        """PUBLIC_KEY: what the host seals its session key with."""
        numbers = self._private_key.public_key().public_numbers()
        blob = _PUBLIC_KEY_HEADER + struct.pack("<I", numbers.e) + numbers.n.to_bytes(_RSA_BITS // 8, "little")
        return psrp.serialised(PublicKey(public_key=base64.b64encode(blob).decode()))

    def accept(self, message: Message) -> SessionKey:
        """The key from the host's ENCRYPTED_SESSION_KEY. Raises KeyExchangeFailed for anything else than a key."""
        try:
            text = psrp.parsed(message).findtext("MS/S[@N='EncryptedSessionKey']") or ""
            blob = base64.b64decode(text, validate=True)
            key = self._private_key.decrypt(blob[_SESSION_KEY_HEADER_BYTES:][::-1], padding.PKCS1v15())
            if len(key) != _AES_KEY_BYTES:
                raise ValueError("a key of another length")
        except (Unintelligible, binascii.Error, ValueError) as error:
            raise KeyExchangeFailed(f"the host answered the key exchange with something else: {error}") from error
        return SessionKey(key)
