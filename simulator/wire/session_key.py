"""The key exchange for SecureStrings: an AES-256 key, sealed with the RSA key that the client made for its pool."""

from __future__ import annotations

import base64
import binascii
import os
import struct
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from simulator.engine import Pipeline
from simulator.wire import clixml, psrp

# PUBLICKEYSTRUC of a SIMPLEBLOB: version 2, CALG_AES_256, encrypted with CALG_RSA_KEYX (MS-PSRP 2.2.2.4)
_BLOB_HEADER = bytes.fromhex("010200001066000000a40000")
_PUBLIC_BLOB_HEADER_BYTES = 16


def has_secrets(pipeline: Pipeline) -> bool:
    """Whether a SecureString is bound to any command of the pipeline."""
    held = [each for command in pipeline.commands for each in (*command.parameters.values(), *command.arguments)]
    return any(_is_sealed(each) for each in held)


def _is_sealed(held: object) -> bool:
    if isinstance(held, dict):
        return any(_is_sealed(each) for each in held.values())
    if isinstance(held, list):
        return any(_is_sealed(each) for each in held)
    return isinstance(held, clixml.EncryptedText)


@dataclass(frozen=True)
class SessionKey:
    """A pool's key, and how it travels to the client."""

    key: bytes
    sealed: str

    @classmethod
    def for_client(cls, message: psrp.Message) -> SessionKey:
        """Make a key for the client whose PUBLIC_KEY this is; raises MalformedMessage."""
        member = clixml.members(message.document()).get("PublicKey")
        try:
            blob = base64.b64decode((member.text if member is not None else "") or "", validate=True)
            (exponent,) = struct.unpack_from("<I", blob, _PUBLIC_BLOB_HEADER_BYTES)
            modulus = int.from_bytes(blob[_PUBLIC_BLOB_HEADER_BYTES + 4 :], "little")
            public_key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
        except (binascii.Error, struct.error, ValueError) as error:
            raise psrp.MalformedMessage(f"the public key is none: {error}") from error
        key = os.urandom(32)
        encrypted = public_key.encrypt(key, padding.PKCS1v15())
        return cls(key, base64.b64encode(_BLOB_HEADER + encrypted[::-1]).decode("ascii"))

    def open_secrets(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline with the SecureStrings among its parameters in clear, those inside credentials too."""
        return replace(
            pipeline,
            commands=tuple(
                replace(
                    command,
                    parameters={name: self._opened(held) for name, held in command.parameters.items()},
                    arguments=tuple(self._opened(held) for held in command.arguments),
                )
                for command in pipeline.commands
            ),
        )

    def _opened(self, held: object) -> object:
        if isinstance(held, clixml.EncryptedText):
            return self._decrypt(held)
        if isinstance(held, dict):
            return {name: self._opened(each) for name, each in held.items()}
        if isinstance(held, list):
            return [self._opened(each) for each in held]
        return held

    def _decrypt(self, encrypted: str) -> str:
        """The text of a SecureString; the protocol uses a zero IV."""
        decryptor = Cipher(algorithms.AES(self.key), modes.CBC(bytes(16))).decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return (unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le")
