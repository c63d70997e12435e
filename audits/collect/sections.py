"""One string of the probe becomes one section of typed evidence, or a typed error: until then it is hostile."""

import hashlib
from collections.abc import Iterable

import msgspec

from audits.collect.guests import GuestAnswers, guests_from
from audits.collect.packed import TooLarge, Unpackable, unpack
from audits.collect.volatile import Samples, join, split
from audits.judgement.evidence import (
    SCHEMA_VERSION,
    SECTION_TYPES,
    Envelope,
    Evidence,
    Gap,
    Guests,
    HostEvidence,
    SectionReading,
    of_sections,
)
from audits.judgement.words import Section, SectionStatus

# A host with 1,024 VMs (the most Hyper-V runs) fills about 3 MiB of JSON, 0.4 MiB as it travels.
MAX_TEXT_CHARACTERS = 2 * 1024 * 1024
MAX_JSON_BYTES = 8 * 1024 * 1024
# A section's duration is display only; a day is longer than any deadline and keeps a hostile number out of the store.
MAX_DURATION_MS = 86_400_000
# What msgspec raises on bytes that are no JSON of the type, too deep, or no UTF-8.
_UNDECODABLE = (msgspec.DecodeError, RecursionError, UnicodeError)


class SectionUnreadable(Exception):
    """The string is no section, or one that does not fit its type. `section` is None if not even its name is known."""

    def __init__(self, problem: str, section: Section | None = None) -> None:
        super().__init__(f"section {section}: {problem}" if section else problem)
        self.problem = problem
        self.section = section


class SectionTooLarge(SectionUnreadable):
    """The string, or what it unpacks to, exceeds what a Hyper-V host can have to say."""


class DecodedSection(msgspec.Struct, frozen=True, kw_only=True):
    """One section as it was read.

    `data` is None unless `status` is ok. `stable_json` is `data` without what changes from run to run (UTF-8, keys in
    the type's order), `samples` is the rest, `sha256` the lower-case hex digest of `stable_json`.
    """

    section: Section
    status: SectionStatus
    probe_version: str
    reason: str | None = None
    gaps: tuple[Gap, ...] = ()
    duration_seconds: float = 0.0
    data: Evidence | None = None
    stable_json: bytes | None = None
    samples: Samples | None = None
    sha256: str | None = None

    @property
    def reading(self) -> SectionReading:
        return SectionReading(
            section=self.section,
            status=self.status,
            reason=self.reason,
            duration_seconds=self.duration_seconds,
            gaps=self.gaps,
        )


_envelope_decoder = msgspec.json.Decoder(Envelope)
_data_decoders = {section: msgspec.json.Decoder(kind) for section, kind in SECTION_TYPES.items()}
_guests_decoder = msgspec.json.Decoder(GuestAnswers)  # each guest's own words are packed once more
_encoder = msgspec.json.Encoder()


def decode_section(text: str) -> DecodedSection:
    """Decode base64(gzip(JSON envelope)). About 1 ms for a `vms` section of 50 VMs.

    Raises SectionTooLarge or SectionUnreadable and nothing else, whatever the text is.
    """
    document = _unpack(text)
    try:
        envelope = _envelope_decoder.decode(document)
    except _UNDECODABLE as error:
        raise SectionUnreadable(f"the answer is not a section of the probe: {error}") from error
    section = envelope.section
    if envelope.schema_version != SCHEMA_VERSION:
        raise SectionUnreadable(
            f"schema version {envelope.schema_version} was sent, version {SCHEMA_VERSION} is understood", section
        )
    decoded = DecodedSection(
        section=section,
        status=envelope.status,
        probe_version=envelope.probe_version,
        reason=envelope.reason,
        gaps=envelope.gaps,
        duration_seconds=min(envelope.duration_ms, MAX_DURATION_MS) / 1000,
    )
    data = _data_of(envelope)
    return decoded if data is None else _with_data(decoded, data)


def section_of(from_host: DecodedSection | None, data: Guests) -> DecodedSection:
    """Section `guests` with what was put together here; `from_host` is what the host itself said of it, if it did."""
    told = from_host or DecodedSection(section=Section.GUESTS, status=SectionStatus.OK, probe_version="")
    return _with_data(msgspec.structs.replace(told, status=SectionStatus.OK, reason=None), data)


def _with_data(section: DecodedSection, data: Evidence) -> DecodedSection:
    stable, samples = split(data)
    stable_json = _encoder.encode(stable)
    sha256 = hashlib.sha256(stable_json).hexdigest()
    return msgspec.structs.replace(section, data=data, stable_json=stable_json, samples=samples, sha256=sha256)


def _unpack(text: str) -> bytes:
    try:
        return unpack(text, max_characters=MAX_TEXT_CHARACTERS, max_bytes=MAX_JSON_BYTES)
    except TooLarge as error:
        raise SectionTooLarge(str(error)) from error
    except Unpackable as error:
        raise SectionUnreadable(str(error)) from error


def _data_of(envelope: Envelope) -> Evidence | None:
    if envelope.status is not SectionStatus.OK:
        return None
    try:
        if envelope.section is Section.GUESTS:
            return guests_from(_guests_decoder.decode(envelope.data))
        return _data_decoders[envelope.section].decode(envelope.data)
    except _UNDECODABLE as error:
        raise SectionUnreadable(f"the data does not fit its schema: {error}", envelope.section) from error


def unreadable_section(error: SectionUnreadable) -> DecodedSection | None:
    """A section whose name is known but whose content is not understood, as a section that ended in an error."""
    if error.section is None:
        return None
    return DecodedSection(section=error.section, status=SectionStatus.ERROR, probe_version="", reason=error.problem)


def restore_section(section: Section, stable_json: bytes, samples: Samples | None) -> Evidence:
    """The evidence again, from what was stored. Raises SectionUnreadable if it was stored by another version."""
    try:
        stable = _data_decoders[section].decode(stable_json)
    except _UNDECODABLE as error:
        raise SectionUnreadable(f"the stored evidence does not fit its schema: {error}", section) from error
    return join(stable, samples) if samples else stable


def assemble(sections: Iterable[DecodedSection]) -> HostEvidence:
    """One host as the rules see it. Of a section sent twice the first is taken; what never arrived is absent."""
    first: dict[Section, DecodedSection] = {}
    for section in sections:
        first.setdefault(section.section, section)
    return of_sections(
        {name: section.reading for name, section in first.items()},
        {name: section.data for name, section in first.items()},
    )
