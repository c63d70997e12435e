"""HOST-RAM: the host has free memory."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import EVERY_HOST, rule
from audits.judgement.sizes import GIBIBYTE, MEBIBYTE, in_words
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

# The article's own numbers; no Microsoft source has them.
WARNING_BYTES = 512 * MEBIBYTE
NOTE_BYTES = GIBIBYTE


@rule(
    id="HOST-RAM",
    title="The host has at least 1 GB of free memory",
    scope=Scope.HOST,
    severity=Severity.WARNING,
    needs=(Section.IDENTITY,),
    applies_to=EVERY_HOST,
    sources=("the article, item 8",),
    unconfirmed=("The thresholds of 512 MB and 1 GB, and what low memory does to a backup since 2012 R2.",),
    fix="F21",
)
def host_has_free_memory(host: HostView) -> Iterator[Statement]:
    """A VM that was saved needs its memory back to start again. The article asks for 512 MB to 1 GB of free memory
    with every VM powered up. Saving itself needs none. VMs that are off now and start later are not counted.
    """
    free = host.evidence.identity.free_memory_bytes if host.evidence.identity else None
    if free is None:
        yield unknown(host, host.why(Section.IDENTITY, "free_memory_bytes"))
    elif free < WARNING_BYTES:
        yield failed(host, measured=f"{in_words(free)} free")
    elif free < NOTE_BYTES:
        yield failed(host, measured=f"{in_words(free)} free", severity=Severity.INFO, is_note=True)
    else:
        yield passed(host, f"{in_words(free)} free")
