"""Reading PowerShell remoting by hand: the right strings from good bytes, and only typed errors from bad ones."""

import random
import struct
import uuid

import pytest

from audits.collect.winrm import psrp
from audits.collect.winrm.errors import AnswerTooLarge, TransportError, Unintelligible
from audits.collect.winrm.psrp import Incoming, Message, MessageType, Outgoing
from audits.collect.winrm.target import ProbeRequest

POOL, PIPELINE = uuid.uuid4(), uuid.uuid4()


def output(clixml: str) -> Message:
    return Message(MessageType.PIPELINE_OUTPUT, clixml.encode())


def test_what_is_cut_comes_together_again() -> None:
    message = output("<S>" + "A" * 300_000 + "</S>")
    fragments = Outgoing(POOL).fragments(message, PIPELINE)
    assert len(fragments) == 4
    incoming = Incoming()
    assert [incoming.messages(fragment) for fragment in fragments[:3]] == [[], [], []]
    assert incoming.messages(fragments[3]) == [message]


def test_fragments_of_two_messages_may_alternate() -> None:
    outgoing = Outgoing(POOL)
    one, two = (outgoing.fragments(output("<S>" + each * 100_000 + "</S>")) for each in "AB")
    received = Incoming().messages(one[0] + two[0] + one[1] + two[1])
    assert [psrp.output_of(message) for message in received] == ["A" * 100_000, "B" * 100_000]


@pytest.mark.parametrize(
    ("clixml", "text"),
    [
        ("<S>SGVsbG8=</S>", "SGVsbG8="),
        ("<S></S>", ""),
        ("<S>a &amp; b</S>", "a & b"),
        ('<Obj RefId="0"><S>SGVsbG8=</S><MS><S N="PSComputerName">HV01</S></MS></Obj>', "SGVsbG8="),
        ("<I32>7</I32>", None),
        ("<Nil />", None),
    ],
)
def test_only_strings_are_output(clixml: str, text: str | None) -> None:
    assert (psrp.output_of(output(clixml)) or "") == (text or "")


def test_the_probe_is_the_script_and_its_values_are_parameters() -> None:
    request = ProbeRequest("param($Sections)\n'_x0041_'", event_days=14, writer_seconds=33)
    content = psrp.pipeline(request).content.decode()
    assert "identity,services,volumes" in content
    assert '<I32 N="V">14</I32>' in content
    assert '<I32 N="V">33</I32>' in content
    assert "_x005F_x0041_" in content, "text that looks like an escape must arrive as it is"


def test_the_same_request_is_serialised_once() -> None:
    assert psrp.pipeline(ProbeRequest("one script")) is psrp.pipeline(ProbeRequest("one script"))
    assert psrp.pipeline(ProbeRequest("one script")) != psrp.pipeline(ProbeRequest("one script", event_days=1))


def test_endless_output_is_refused() -> None:
    incoming = Incoming()
    progress = b"".join(Outgoing(POOL).fragments(Message(MessageType.PROGRESS_RECORD, b"x" * 90_000)))
    with pytest.raises(AnswerTooLarge):
        for _ in range(10_000):
            incoming.messages(progress)


def test_an_endless_message_is_refused() -> None:
    incoming = Incoming()
    with pytest.raises(AnswerTooLarge, match="one message"):
        for number in range(10_000):
            incoming.messages(struct.pack(">QQBI", 7, number, number == 0, 65536) + bytes(65536))


@pytest.mark.parametrize(
    "data",
    [
        b"short",
        struct.pack(">QQBI", 1, 0, 3, 4_000_000_000) + b"little",
        struct.pack(">QQBI", 1, 5, 0, 1) + b"x",
        struct.pack(">QQBI", 1, 1, 1, 1) + b"x",
        struct.pack(">QQBI", 1, 0, 3, 3) + b"abc",
    ],
)
def test_broken_fragments_are_unintelligible(data: bytes) -> None:
    with pytest.raises(Unintelligible):
        Incoming().messages(data)


@pytest.mark.parametrize(
    "clixml",
    [
        '<!DOCTYPE S [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><S>&b;</S>',
        "<S>" + "<Obj>" * 100,
        "no xml",
        "<S>&undefined;</S>",
        "<S>\x00</S><S/>",
    ],
)
def test_hostile_clixml_is_unintelligible(clixml: str) -> None:
    with pytest.raises(Unintelligible):
        psrp.output_of(output(clixml))


def test_clixml_in_another_encoding_cannot_hide_an_entity() -> None:
    hidden = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE S [<!ENTITY a "a">]><S>&a;</S>'.encode("utf-16")
    with pytest.raises(Unintelligible):
        psrp.output_of(Message(MessageType.PIPELINE_OUTPUT, hidden))


def test_a_very_deep_object_is_only_a_string_that_is_not_there() -> None:
    assert psrp.output_of(output("<Obj>" * 50_000 + "</Obj>" * 50_000)) is None


def test_thousands_of_mutations_raise_nothing_but_typed_errors() -> None:
    chance = random.Random(20261125)
    outgoing = Outgoing(POOL)
    state = '<Obj RefId="0"><MS><I32 N="PipelineState">5</I32><Obj N="E"><ToString>no</ToString></Obj></MS></Obj>'
    capability = '<Obj RefId="0"><MS><Version N="protocolversion">2.3</Version></MS></Obj>'
    stream = b"".join(
        b"".join(outgoing.fragments(Message(MessageType.PIPELINE_OUTPUT, text.encode()), PIPELINE))
        for text in (state, capability, "<S>SGVsbG8=</S>")
    )
    readers = (psrp.output_of, psrp.pipeline_state_of, psrp.pool_state_of, psrp.protocol_of, psrp.error_text_of)
    understood = refused = 0
    for _ in range(3_000):
        mutated = bytearray(stream)
        for _ in range(chance.randint(1, 3)):
            mutated[chance.randrange(len(mutated))] = chance.randrange(256)
        incoming = Incoming()
        try:
            messages = incoming.messages(bytes(mutated))
        except TransportError:
            refused += 1
            continue
        for message in messages:
            for read in readers:
                try:
                    read(message)
                except TransportError:
                    refused += 1
                else:
                    understood += 1
    assert understood > 100
    assert refused > 100
