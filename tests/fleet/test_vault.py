"""A sealed secret opens in its own place, with its own key, unchanged, and nowhere else."""

import base64
import json
import uuid
from pathlib import Path

import pytest

from fleet.vault import Vault, VaultError, vault_from

HERE, ELSEWHERE = uuid.uuid4(), uuid.uuid4()


def a_vault(*key_ids: str) -> Vault:
    return Vault(active=key_ids[-1], keys={key_id: key_id[-1].encode() * 32 for key_id in key_ids})


def test_a_secret_comes_back_in_its_own_place() -> None:
    vault = a_vault("k1")
    assert vault.open(vault.seal("pässword", place=HERE), place=HERE) == "pässword"


def test_the_same_secret_never_looks_the_same_twice() -> None:
    vault = a_vault("k1")
    assert vault.seal("s", place=HERE) != vault.seal("s", place=HERE)


def test_a_sealed_secret_moved_to_another_row_does_not_open() -> None:
    vault = a_vault("k1")
    with pytest.raises(VaultError, match="belongs to another row"):
        vault.open(vault.seal("s", place=HERE), place=ELSEWHERE)


def test_a_changed_byte_is_noticed() -> None:
    vault = a_vault("k1")
    sealed = bytearray(vault.seal("s", place=HERE))
    sealed[-1] ^= 1
    with pytest.raises(VaultError):
        vault.open(bytes(sealed), place=HERE)


def test_after_a_rotation_old_secrets_still_open_and_are_known_as_old() -> None:
    old = a_vault("k1").seal("s", place=HERE)
    rotated = a_vault("k1", "k2")
    assert rotated.open(old, place=HERE) == "s"
    assert not rotated.is_current(old)
    assert rotated.is_current(rotated.seal("s", place=HERE))


def test_a_missing_key_is_named_and_no_secret_is() -> None:
    with pytest.raises(VaultError, match="'k1'"):
        a_vault("k2").open(a_vault("k1").seal("s3cret", place=HERE), place=HERE)


def test_no_key_shows_in_a_representation() -> None:
    assert "1111" not in repr(a_vault("k1"))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("not json", "cannot be read"),
        ({"active": "k2", "keys": {"k1": base64.b64encode(b"1" * 32).decode()}}, "'k2' is not among"),
        ({"active": "k1", "keys": {"k1": base64.b64encode(b"1" * 16).decode()}}, "16 bytes"),
        ({"active": "k:1", "keys": {"k:1": base64.b64encode(b"1" * 32).decode()}}, "letters and digits"),
    ],
)
def test_a_bad_key_file_says_what_is_wrong(tmp_path: Path, document: object, said: str) -> None:
    path = tmp_path / "vault.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with pytest.raises(VaultError, match=said):
        vault_from(path)
