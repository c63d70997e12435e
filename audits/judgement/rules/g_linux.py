"""G-LINUX: the VSS daemon runs inside a Linux guest."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_linux_guests, services_of
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import SINCE_2012_R2, rule
from audits.judgement.unconfirmed import OFFLINE_LABEL, PASSES, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Confidence, Scope, Section, Severity

# The daemon's own name, and those of its units in the large distributions.
DAEMON_NAMES = ("hv_vss_daemon", "hypervvssd", "hv-vss-daemon")


@rule(
    id="G-LINUX",
    title="The VSS daemon runs inside the Linux guest",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    applies_to=SINCE_2012_R2,
    sources=("MS-IS", "BKPESS", "LISTEST", "MS-UBUNTU", "LONGHORN", "HAOS"),
    unconfirmed=(
        *OFFLINE_LABEL,
        Unconfirmed(
            "Whether every mount of the guest can be frozen: loop, overlay and FUSE mounts are known breakers, and "
            "nothing here reads them.",
            weakens=PASSES,
            at_most=Confidence.MEDIUM,
        ),
    ),
    fix="F13",
)
def vss_daemon_runs(host: HostView) -> Iterator[Statement]:
    """Linux answers the host's freeze through hv_vss_daemon, from 2012 R2 hosts on. Without it the backup is not
    consistent, and the writer calls the VM offline. Only the guest itself can say that the daemon runs; the host sees
    whether somebody answers, which VM-ISSTATE judges. Up to 2012, VM-GUESTOS fails for every Linux guest.
    """
    yield from judge_linux_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    services = services_of(inside)
    if services is None:
        return unknown(vm, "the guest's daemons were not read; whether one answers is told by VM-ISSTATE")
    for name in DAEMON_NAMES:
        daemon = services.get(name) or services.get(f"{name}.service")
        if daemon is not None and daemon.state is not None:
            is_running = daemon.state.lower() == "running"
            return passed(vm) if is_running else failed(vm, measured=f"{name}: {daemon.state}")
    return failed(vm, measured="hv_vss_daemon: not there")
