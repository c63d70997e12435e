"""HOST-WRITER: the Hyper-V VSS writer is listed and healthy."""

from collections.abc import Iterator

from audits.judgement.evidence.writers import HYPER_V_WRITER
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

STABLE = 1
WAITING_FOR_COMPLETION = 5  # normal during a backup, and often after one
TRANSIENT = range(2, 5)
FIRST_FAILED = 6


@rule(
    id="HOST-WRITER",
    title="The Hyper-V VSS writer is registered and healthy",
    scope=Scope.HOST,
    severity=Severity.CRITICAL,
    needs=(Section.WRITERS,),
    precondition=True,
    paths=ONLY_VSS,
    sources=("MS-WRITERS", "MS-VSSENUM"),
    fix="F19",
)
def hyper_v_writer_is_healthy(host: HostView) -> Iterator[Statement]:
    """A backup through the host's VSS speaks to Hyper-V through this writer alone. When it is missing or failed, no VM
    can be snapshotted. "Waiting for completion" is normal and not a fault. The writer is known by its id, its state
    by the number in brackets: names and words are localised.
    """
    writers = host.evidence.writers.writers if host.evidence.writers else None
    if writers is None:
        yield unknown(host, host.why(Section.WRITERS, "writers"))
        return
    states = [writer.state for writer in writers if writer.writer_id.lower().strip("{}") == HYPER_V_WRITER]
    if not states:
        yield failed(host, measured="not listed")
        return
    state = states[0]
    if state is None:
        yield unknown(host, host.why(Section.WRITERS, "writers.state"))
    elif state in (STABLE, WAITING_FOR_COMPLETION):
        yield passed(host, f"state {state}")
    elif state >= FIRST_FAILED:
        yield failed(host, measured=f"state {state}: failed")
    elif state in TRANSIENT:
        yield unknown(host, f"state {state}: in the middle of a backup, ask again")
    else:
        yield unknown(host, f"state {state} is not documented")
