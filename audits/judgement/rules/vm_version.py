"""VM-VERSION: the VM's configuration version is current."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2016, rule
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

# The first version of Server 2016: below it, at least one large product keeps its old way of backing up.
FIRST_OF_2016 = (8, 0)


@rule(
    id="VM-VERSION",
    title="The VM's configuration version is the host's current one",
    scope=Scope.VM,
    severity=Severity.WARNING,
    needs=(Section.VMS, Section.IDENTITY),
    applies_to=SINCE_2016,
    sources=("MS-HIST", "VEEAMLIM"),
    fix="F9",
)
def version_is_current(host: HostView) -> Iterator[Statement]:
    """A VM that came from 2012 R2 keeps version 5.0: no change tracking, so backups go through a differencing disk,
    and below 8.0 at least one product stays with the host's VSS writer. That makes backups slower, not offline. From
    8.0 on an older version is only noted.
    """
    default = host.evidence.identity.default_vm_version if host.evidence.identity else None
    current = _parsed(default)
    for vm in host.vms:
        version = _parsed(vm.facts.version)
        if version is None:
            yield unknown(vm, host.why(Section.VMS, "vms.version"))
        elif version < FIRST_OF_2016:
            yield failed(vm, measured=f"version {vm.facts.version}: no change tracking")
        elif current is None:
            yield unknown(vm, host.why(Section.IDENTITY, "default_vm_version"))
        elif version < current:
            measured = f"version {vm.facts.version}, the host's default is {default}"
            yield failed(vm, measured=measured, severity=Severity.INFO)
        else:
            yield passed(vm)


def _parsed(version: str | None) -> tuple[int, ...] | None:
    parts = (version or "").split(".")
    # isdecimal alone lets digits of other scripts pass, which int() also reads; a version has few and short parts.
    return tuple(map(int, parts)) if len(parts) <= 4 and all(p.isdecimal() and len(p) < 6 for p in parts) else None
