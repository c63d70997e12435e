"""Every fix as it is written: for no host in particular, and for every host of the simulated estates."""

from collections.abc import Iterator
from functools import cache

from audits.judgement.evidence import HostEvidence
from audits.judgement.evidence.writers import HYPER_V_WRITER, Writer
from audits.judgement.fixes import Case, FixText, alternative, fix_of
from audits.judgement.fixes.generic import VERSIONS, GenericText, generic_texts
from audits.judgement.host_script import HostScript, host_script
from audits.judgement.judge import judge
from audits.judgement.result import Subject
from audits.judgement.rule import Rule
from audits.judgement.rules import RULES
from audits.judgement.view import HostView
from audits.judgement.words import Scope
from simulator import estates
from tests.estate.pure_audit import evidence_of
from tests.judgement.hosts import SERVER_2012_R2, clustered_host, with_vm, with_writers

ESTATES = ("demo", "rules")
# No simulated cluster has a failure that the VM has to be shut down for, or a failed writer.
CLUSTERED = with_writers(
    with_vm(clustered_host(SERVER_2012_R2), generation=1, scsi_controllers=0),
    writers=(Writer(writer_id=HYPER_V_WRITER, state=8),),
)
FIXABLE: dict[str, Rule] = {rule.id: rule for rule in RULES.values() if fix_of(rule.id, rule.fix)}
BUILD_OF = {name: build for build, _, name in VERSIONS}


def texts_of(rule: Rule) -> list[GenericText]:
    fix = fix_of(rule.id, rule.fix)
    assert fix is not None
    return generic_texts(fix, rule)


def every_text() -> list[FixText]:
    """Generic ones first; the same text twice is told apart by its place."""
    return list(_every_text())


def _every_text() -> Iterator[FixText]:
    for rule in FIXABLE.values():
        yield from (generic.text for generic in texts_of(rule))
    yield alternative(Case(rule=""))
    for script in scripts().values():
        yield from (step.text for step in script.steps)


@cache
def scripts() -> dict[str, HostScript]:
    """The script of every host of the estates that has one, by the host's name."""
    found = {}
    for estate in ESTATES:
        for host in estates.read_estate(estate).hosts:
            script = script_for(evidence_of(host.windows))
            if script.text:
                found[host.name] = script
    found["a clustered VM without a SCSI controller"] = script_for(CLUSTERED)
    return found


def script_for(evidence: HostEvidence) -> HostScript:
    view = HostView(evidence, subject=Subject(Scope.HOST, "host", "host"), now=None)
    return host_script(view, judge(evidence).results, read_at="2026-11-23 02:00 UTC", probe_version="1.0.0")
