"""How the audit of one host ended: one outcome and, unless it succeeded, one cause of the closed list."""

from collections.abc import Collection
from dataclasses import dataclass

from audits.collect.plain import plain
from audits.collect.rights import LEVELS, MAY_BE_UNKNOWN_TO_THE_HOST
from audits.judgement.evidence import HostEvidence
from audits.judgement.outcomes import Cause, Outcome, cause_of
from audits.judgement.words import Section, SectionStatus, WindowsBuild

# What an account of each rights level can give.
EXPECTED_SECTIONS: dict[str, frozenset[Section]] = {word: level.expected for word, level in LEVELS.items()}

# Without these two no VM can be judged; with them a broken-off audit still says something.
USABLE_WITH = (Section.IDENTITY, Section.VMS)

# A failure that came after usable evidence leaves sections missing. What it is called then; a cause that is not named
# here stays what it is, because it says that the host or the request itself is wrong.
_AFTER_USABLE_EVIDENCE = {
    "session_lost": "session_lost",
    "no_answer": "session_lost",  # silence in the middle is what a power cut or a pulled cable looks like
    "deadline_passed": "deadline_passed",
    "unintelligible_answer": "section_failed",
    "probe_failed": "section_failed",
}

_CODE_OF_MISSING = {
    SectionStatus.ERROR: "section_failed",
    SectionStatus.TIMED_OUT: "section_timed_out",
    SectionStatus.DENIED: "rights_missing",
}


@dataclass(frozen=True, slots=True)
class Ending:
    """`code` is None for succeeded. `detail` is one plain line: what exactly happened, without control characters."""

    outcome: Outcome
    code: str | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if self.code is not None:
            cause_of(self.outcome, self.code)  # KeyError: a pair outside the closed list is a programming error

    @property
    def cause(self) -> Cause | None:
        return cause_of(self.outcome, self.code) if self.code else None


SUCCEEDED = Ending(Outcome.SUCCEEDED)


def ending_of(evidence: HostEvidence, failure: Ending | None, expected: Collection[Section]) -> Ending:
    """The ending of an audit that read `evidence` and stopped with `failure` (None: the probe ran to its end).

    `expected` are the sections that were asked for and that the host's declared rights level should give. A section
    that was skipped is never missing. When several causes apply, the first that happened is taken.
    """
    if failure is not None and failure.outcome is Outcome.CANCELLED:
        return failure
    unfit = _why_unfit(evidence)
    if unfit is not None:
        return unfit
    missing = _missing_sections(evidence, expected)
    if failure is not None:
        return _after(failure, missing, usable=_is_usable(evidence))
    # The probe ran to its end: what it never spoke of it does not know.
    missing = [section for section in missing if not _is_unknown_to_the_host(evidence, section)]
    if not missing:
        return SUCCEEDED
    if not any(reading.status is SectionStatus.OK for reading in evidence.readings.values()):
        return _nothing_read(missing)
    status = _status(evidence, missing[0])
    code = _CODE_OF_MISSING[status] if status else "section_failed"
    return Ending(Outcome.PARTIAL, code, _say(evidence, missing))


def _after(failure: Ending, missing: list[Section], *, usable: bool) -> Ending:
    code = _AFTER_USABLE_EVIDENCE.get(failure.code or "")
    if code is None or not usable:
        return failure
    if not missing:
        return SUCCEEDED  # all that was asked for had arrived when the connection broke
    return Ending(Outcome.PARTIAL, code, failure.detail)


def _status(evidence: HostEvidence, section: Section) -> SectionStatus | None:
    reading = evidence.readings.get(section)
    return reading.status if reading else None


def _is_unknown_to_the_host(evidence: HostEvidence, section: Section) -> bool:
    return section in MAY_BE_UNKNOWN_TO_THE_HOST and _status(evidence, section) is None


def _is_usable(evidence: HostEvidence) -> bool:
    return all(_status(evidence, section) is SectionStatus.OK for section in USABLE_WITH)


def _missing_sections(evidence: HostEvidence, expected: Collection[Section]) -> list[Section]:
    """In the order in which they went wrong: as they arrived, then what never did."""
    arrived = [section for section in evidence.readings if section in expected]
    never = [section for section in Section if section in expected and _status(evidence, section) is None]
    return [section for section in arrived if _status(evidence, section) in _CODE_OF_MISSING] + [
        section for section in never if section not in arrived
    ]


def _say(evidence: HostEvidence, missing: list[Section]) -> str:
    return plain("; ".join(evidence.why_missing(section) for section in missing))


def _nothing_read(missing: list[Section]) -> Ending:
    return Ending(Outcome.FAILED, "probe_failed", f"no section was read; missing: {', '.join(missing)}")


def _why_unfit(evidence: HostEvidence) -> Ending | None:
    """Whether this machine is none that can be judged at all. Client Windows is; its host class says so."""
    identity = evidence.identity
    if identity is None:
        return None
    build = identity.os_build
    if build is not None and build < WindowsBuild.SERVER_2012:
        caption = f" ({plain(identity.os_caption)})" if identity.os_caption else ""
        return Ending(
            Outcome.FAILED,
            "unsupported_windows",
            f"build {build}{caption}; the Hyper-V module begins with build {int(WindowsBuild.SERVER_2012)}",
        )
    if identity.hyper_v_module_version is None and _has_no_vmms(evidence):
        return Ending(Outcome.FAILED, "not_hyper_v", "neither the Hyper-V module nor the service vmms is installed")
    return None


def _has_no_vmms(evidence: HostEvidence) -> bool:
    """True only if the services were read and the Hyper-V management service is not among them."""
    services = evidence.services.services if evidence.services else None
    return services is not None and all(service.name.lower() != "vmms" for service in services)
