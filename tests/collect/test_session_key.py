"""Our side of the key exchange against pypsrp's own: what we seal it opens, and what it would send we take."""

import base64
import os
import uuid
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pypsrp.complex_objects import ObjectMeta
from pypsrp.messages import EncryptedSessionKey, PublicKey
from pypsrp.serializer import Serializer

from audits.collect.winrm import GuestCredential, ProbeRequest, Secret, psrp
from audits.collect.winrm.errors import KeyExchangeFailed
from audits.collect.winrm.psrp import Message, MessageType
from audits.collect.winrm.session_key import KeyExchange, SessionKey

SECRET = "Geheim! & <Ümläut> 𝕊"
HEADER = bytes.fromhex("010200001066000000a40000")
REQUEST = ProbeRequest(
    "param()",
    guest_list=f"{uuid.UUID(int=7)},0,30",
    credentials=(GuestCredential("DOMAIN\\user", Secret(SECRET)), GuestCredential("second", Secret("x"))),
)


def public_key_of(offer: Message) -> rsa.RSAPublicKey:
    """As a server reads it: pypsrp's message type, then the documented layout of a PUBLICKEYBLOB."""
    message = Serializer().deserialize(offer.content.decode(), psrp_meta_of(PublicKey))
    blob = base64.b64decode(message.public_key)
    assert blob[:8] == b"\x06\x02\x00\x00\x00\xa4\x00\x00"
    assert (blob[8:12], int.from_bytes(blob[12:16], "little")) == (b"RSA1", 2048)
    exponent, modulus = int.from_bytes(blob[16:20], "little"), int.from_bytes(blob[20:], "little")
    assert len(blob) == 20 + 256
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def psrp_meta_of(kind: type) -> Any:
    return ObjectMeta("Obj", object=kind)


def answered(text: str) -> Message:
    make: Any = EncryptedSessionKey  # pypsrp has no types here
    return psrp.serialised(make(session_key=text))


def sealed(offer: Message, key: bytes) -> Message:
    encrypted = public_key_of(offer).encrypt(key, padding.PKCS1v15())
    return answered(base64.b64encode(HEADER + encrypted[::-1]).decode())


def test_the_offer_is_a_public_key_message() -> None:
    offer = KeyExchange().offer()
    assert offer.kind == MessageType.PUBLIC_KEY
    assert public_key_of(offer).key_size == 2048


def test_pypsrp_opens_the_credentials_that_we_seal() -> None:
    key = os.urandom(32)
    exchange = KeyExchange()
    ours = exchange.accept(sealed(exchange.offer(), key))
    content = psrp.sealed_pipeline(REQUEST, ours.serializer()).content.decode()

    theirs = Serializer()
    theirs.cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))
    bound = next(each for each in ET.fromstring(content).iter("Obj") if each.findtext("MS/S") == "GuestCredentials")
    sent = bound.find("MS/Obj")
    assert sent is not None
    credentials = [each.adapted_properties for each in theirs.deserialize(sent)]
    assert [(each["UserName"], each["Password"]) for each in credentials] == [("DOMAIN\\user", SECRET), ("second", "x")]


def test_a_sealed_request_is_never_kept() -> None:
    serializer = SessionKey(bytes(32)).serializer()
    assert psrp.sealed_pipeline(REQUEST, serializer) is not psrp.sealed_pipeline(REQUEST, serializer)
    with pytest.raises(AssertionError, match="never kept"):
        psrp.pipeline(REQUEST)


def test_nothing_that_holds_a_secret_shows_it() -> None:
    assert SECRET not in repr(REQUEST)
    assert SECRET not in repr(REQUEST.credentials)


@pytest.mark.parametrize(
    "message",
    [
        answered(""),
        answered("no base64!"),
        answered(base64.b64encode(HEADER).decode()),
        # Of the right length it would not always be refused: OpenSSL answers a ciphertext that is none with made-up
        # bytes of any length (implicit rejection, against Bleichenbacher), which may be that of a key.
        answered(base64.b64encode(HEADER + bytes(300)).decode()),
        answered(base64.b64encode(b"another head" + bytes(64)).decode()),
        Message(MessageType.ENCRYPTED_SESSION_KEY, b"no xml"),
        Message(MessageType.ENCRYPTED_SESSION_KEY, b"\xff\xfe"),
        Message(MessageType.ENCRYPTED_SESSION_KEY, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    ],
)
def test_anything_else_than_a_key_ends_the_exchange(message: Message) -> None:
    with pytest.raises(KeyExchangeFailed):
        KeyExchange().accept(message)


def test_a_key_of_another_length_ends_the_exchange() -> None:
    exchange = KeyExchange()
    with pytest.raises(KeyExchangeFailed, match="length"):
        exchange.accept(sealed(exchange.offer(), bytes(16)))
