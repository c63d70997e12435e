"""VM-GUESTOS: the guest's operating system supports live backup."""

from collections.abc import Iterator

from audits.judgement.evidence.guest_facts import Guest
from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import why_unread
from audits.judgement.result import Statement, failed, not_applicable, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import OFFLINE_LABEL, C, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import HostClass, Scope, Section, Severity, VMState, WindowsBuild

WINDOWS_NT = "2"
FIRST_WITH_VSS = (5, 2)  # Server 2003
FIRST_BUILD_WITH_VSS = 3790  # the same as a build
FIRST_WITH_SCOPED_SNAPSHOTS = (6, 2)  # Windows 8, Server 2012


@rule(
    id="VM-GUESTOS",
    title="The guest's operating system supports live backup",
    scope=Scope.VM,
    severity=Severity.WARNING,
    severity_on={HostClass.A: Severity.CRITICAL},
    needs=(Section.VMS, Section.GUEST_FACTS),
    precondition=True,
    sources=("MS-BR-V1", "KB958662", "NETAPP", "BKPESS", "MS-IS"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed("Since 2016: what a writer does with guests as old as Windows 2000 and XP.", C),
    ),
    fix="F13",
)
def guest_can_be_frozen(host: HostView) -> Iterator[Statement]:
    """Windows 2000 and XP have no usable VSS, so they cannot be quiesced. Linux can be backed up live from 2012 R2 on,
    given its hv_vss_daemon. On a 2008 R2 host, Windows 8 and 2012 guests need ScopeSnapshots=0 in their registry,
    which is judged by G-SCOPE where the guest was read. What a guest says of itself is taken as a hint, not as proof.
    """
    for vm in host.vms:
        if vm.state in (VMState.OFF, VMState.SAVED):
            yield not_applicable(vm, "the guest is not running")
        elif vm.inside is not None and vm.inside.is_windows is not None:
            yield _judge_by_reading(host, vm, vm.inside)
        elif vm.guest is None:
            yield unknown(vm, _why_silent(host))
        else:
            yield _judge(host, vm, vm.guest)


def _why_silent(host: HostView) -> str:
    section = host.evidence.guest_facts
    if section is None or section.guests is None:
        return host.why(Section.GUEST_FACTS, "guests")
    return "the guest did not exchange data with the host"


def _judge_by_reading(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    """A guest that was read from inside told more than Data Exchange does, unless it kept its version to itself."""
    if not inside.is_windows:
        return _judge_linux(host, vm, (vm.guest.os_name if vm.guest else None) or "Linux")
    if inside.os_build is None:
        return _judge(host, vm, vm.guest) if vm.guest else unknown(vm, why_unread(inside, "os_build"))
    if inside.os_build < FIRST_BUILD_WITH_VSS:
        return failed(vm, measured=f"Windows build {inside.os_build}: no usable VSS")
    return passed(vm, vm.guest.os_name if vm.guest else None)


def _judge(host: HostView, vm: VMView, guest: Guest) -> Statement:
    name, version = guest.os_name or "", _version(guest.os_version)
    if guest.os_platform == WINDOWS_NT or "windows" in name.lower():
        if version is None:
            return unknown(vm, "the guest did not say which version of Windows it is")
        if version < FIRST_WITH_VSS:
            return failed(vm, measured=f"{name or 'Windows'} {guest.os_version}: no usable VSS")
        if version >= FIRST_WITH_SCOPED_SNAPSHOTS and _is_2008_r2(host.build):
            return unknown(vm, "on a 2008 R2 host the guest needs ScopeSnapshots=0, and its registry was not read")
        return passed(vm, name or None)
    if not name:
        return unknown(vm, "the guest did not say which system it is")
    return _judge_linux(host, vm, name)


def _judge_linux(host: HostView, vm: VMView, name: str) -> Statement:
    if host.host_class is HostClass.A:
        return failed(vm, measured=f"{name}: live backup of Linux begins with 2012 R2")
    return passed(vm, f"{name}: needs hv_vss_daemon in the guest")


def _version(text: str | None) -> tuple[int, int] | None:
    major, _, rest = (text or "").partition(".")
    minor = rest.partition(".")[0]
    if not (major.isdecimal() and minor.isdecimal() and len(major) < 4 and len(minor) < 4):
        return None
    return int(major), int(minor)


def _is_2008_r2(build: int | None) -> bool:
    return build is not None and build < WindowsBuild.SERVER_2012
