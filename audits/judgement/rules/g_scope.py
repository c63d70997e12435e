"""G-SCOPE: on a 2008 R2 host, a newer guest has scoped snapshots switched off."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_windows_guests, why_unread
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import UP_TO_2012, rule
from audits.judgement.unconfirmed import Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity, WindowsBuild

# NT 6.2: Windows 8 and Server 2012 brought scoped snapshots.
FIRST_WITH_SCOPED_SNAPSHOTS = 9200


@rule(
    id="G-SCOPE",
    title="A guest newer than its 2008 R2 host has scoped snapshots switched off",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS, Section.IDENTITY),
    precondition=True,
    applies_to=UP_TO_2012,
    sources=("NETAPP",),
    unconfirmed=(
        Unconfirmed("That scoped snapshots alone cause it: one vendor's documentation.", at_most=Confidence.MEDIUM),
    ),
    fix="F13",
)
def scoped_snapshots_are_off(host: HostView) -> Iterator[Statement]:
    """Windows 8 and Server 2012 brought scoped snapshots, which a 2008 R2 host does not understand: it saves such a
    guest unless ScopeSnapshots is 0 in the guest's registry. On a 2012 host there is nothing to set.
    """
    if host.build is not None and host.build >= WindowsBuild.SERVER_2012:
        for vm in host.vms:
            if vm.inside is not None:
                yield not_applicable(vm, "the host is not older than scoped snapshots")
        return
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    if inside.os_build is None:
        return unknown(vm, why_unread(inside, "os_build"))
    if inside.os_build < FIRST_WITH_SCOPED_SNAPSHOTS:
        return not_applicable(vm, "the guest is older than scoped snapshots")
    if inside.scope_snapshots == 0:
        return passed(vm)
    if inside.scope_snapshots is not None:
        return failed(vm, measured=f"ScopeSnapshots is {inside.scope_snapshots}")
    if any(gap.partition(":")[0].strip() == "scope_snapshots" for gap in inside.gaps or ()):
        return unknown(vm, why_unread(inside, "scope_snapshots"))
    return failed(vm, measured="ScopeSnapshots is not set")
