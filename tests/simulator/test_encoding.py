"""The direct CLIXML writer and the fragmenter against pypsrp's own reader."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pypsrp.powershell import Fragment
from pypsrp.serializer import Serializer

from simulator.wire import clixml
from simulator.wire.fragments import Defragmenter, Fragmenter

# Lone surrogates and the two noncharacters are no XML; .NET strings with them do not travel either.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=60)


@given(TEXT)
def test_pypsrp_reads_any_text_that_the_simulator_writes(text: str) -> None:
    assert Serializer().deserialize(clixml.value(text)) == text


@given(TEXT)
def test_the_simulator_reads_any_text_that_pypsrp_writes(text: str) -> None:
    element = Serializer().serialize(text)
    assert element is not None
    assert clixml.to_python(element) == text


@given(st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1)))
def test_pypsrp_reads_any_plain_value_that_the_simulator_writes(value: object) -> None:
    assert Serializer().deserialize(clixml.value(value)) == value


@given(st.lists(st.one_of(TEXT, st.integers(0, 9), st.booleans()), max_size=5), st.dictionaries(TEXT, TEXT, max_size=4))
def test_lists_and_hashtables_of_a_client_become_python_ones(items: list[object], table: dict[str, str]) -> None:
    for value in (items, table):
        element = Serializer().serialize(value)
        assert element is not None
        assert clixml.to_python(element) == value


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=4))
def test_pypsrp_and_the_simulator_put_fragments_together_again(sizes: list[int]) -> None:
    messages = [bytes([number]) * size for number, size in enumerate(sizes)]
    fragmenter, defragmenter = Fragmenter(), Defragmenter()
    pieces = [piece for message in messages for piece in fragmenter.cut(message)]
    assert [message for piece in pieces for message in defragmenter.feed(piece)] == messages
    unpacked = [Fragment.unpack(piece)[0] for piece in pieces]
    assert b"".join(fragment.data for fragment in unpacked) == b"".join(messages)
    assert {fragment.object_id for fragment in unpacked} == set(range(1, len(messages) + 1))
