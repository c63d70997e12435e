"""F2: make the backup service in the guest answer."""

from audits.judgement.evidence.vms import BACKUP_COMPONENT
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Shell, Variant, Where
from audits.judgement.fixes.linux import daemon_commands, leave_to_a_newer_host
from audits.judgement.powershell import commands
from audits.judgement.rule import SINCE_2012_R2
from audits.judgement.words import HostClass

ASK_THE_HOST = commands(
    "Get-VMIntegrationService -VM $vm | Where-Object { $_.Id -match {component} } |\n"
    "    Select-Object 'Name', 'Enabled', 'PrimaryOperationalStatus'",
    component=BACKUP_COMPONENT,
)
ANSWERED = (
    "PrimaryOperationalStatus is Ok, or Degraded, which works with an older protocol. Allow five minutes after a start."
)


def _windows_service(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        by_hand=(
            "In the guest: services.msc > “Hyper-V Volume Shadow Copy Requestor” (vmicvss; the title is translated).",
            "Startup type Manual, then Start. The host starts it by itself from then on, unless it is Disabled.",
            "Starting it while the host does not offer the service makes it stop again.",
        ),
        commands="Set-Service -Name 'vmicvss' -StartupType Manual\nStart-Service -Name 'vmicvss'",
        verify=ASK_THE_HOST,
        verify_where=Where.HOST,
        done_when=ANSWERED,
        undo="Stop-Service -Name 'vmicvss'\nSet-Service -Name 'vmicvss' -StartupType Disabled",
        way_back="Only where it was disabled on purpose; Manual is how Windows sets it up.",
        caveats=(_newer_services(case), "If it still does not answer, restart the guest once."),
    )


def _newer_services(case: Case) -> str:
    if case.is_before_2016:
        return (
            "An outdated guest needs the host's integration services: in Virtual Machine Connection choose Action > "
            "Insert Integration Services Setup Disk (vmguest.iso), install, restart the guest."
        )
    return (
        "An outdated guest gets newer integration services by Windows Update, on 2008 R2 and 2012 only while Data "
        "Exchange is on. There is no vmguest.iso since 2016."
    )


def _outdated(case: Case) -> Recipe:
    by_hand = (
        (
            "Virtual Machine Connection > Action > Insert Integration Services Setup Disk (vmguest.iso).",
            "Install in the guest and restart it.",
        )
        if case.is_before_2016
        else (
            "In the guest: Windows Update, and install everything. Since 2016 there is no vmguest.iso.",
            "For a guest of 2008 R2, 2012, 7 or 8 leave the integration service Data Exchange on: the update asks it.",
            "Restart the guest.",
        )
    )
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        downtime="the guest restarts once",
        by_hand=by_hand,
        no_commands="Integration services are installed by a setup program or Windows Update, not by a command.",
        verify=ASK_THE_HOST,
        verify_where=Where.HOST,
        done_when=ANSWERED,
        way_back="Windows Update's components can be uninstalled there; those of vmguest.iso are best left.",
        caveats=("The guest has no such service, or none that the host understands: starting it alone does not help.",),
    )


def _linux_daemon(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        shell=Shell.LINUX,
        by_hand=("In the guest, install the distribution's Hyper-V daemons and start the one for VSS.",),
        commands=daemon_commands(case.guest_name),
        verify=ASK_THE_HOST,
        verify_where=Where.HOST,
        done_when=ANSWERED,
        way_back="Stop and disable the same unit, or remove the package.",
        caveats=(
            "Names of packages and units are background knowledge and not confirmed by a source.",
            "The kernel and the daemon must fit together: update both.",
        ),
    )


FIX = Fix(
    id="F2",
    title="Make the backup service in the guest answer",
    why="The guest makes its own data consistent, and only its running, not disabled service hears the request.",
    effort_minutes=15,
    caveat="An outdated guest needs newer integration services (Windows Update, up to 2012 R2 vmguest.iso) and may "
    "have to restart. Linux: install the distribution's Hyper-V daemons.",
    variants=(
        Variant(
            name="Linux guest on a host up to 2012",
            rules=("VM-ISSTATE",),
            when=lambda case: case.guest_is_linux and case.is_before_2012_r2,
            classes=frozenset({HostClass.A}),
            write=leave_to_a_newer_host,
        ),
        Variant(
            name="Linux guest",
            rules=("VM-ISSTATE",),
            when=lambda case: case.guest_is_linux,
            classes=SINCE_2012_R2,
            write=_linux_daemon,
        ),
        Variant(
            name="integration services missing or too old",
            rules=("VM-ISSTATE", "G-VMICVSS"),
            when=lambda case: "protocol" in case.measured or "not installed" in case.measured,
            write=_outdated,
        ),
        Variant(name="Windows guest", rules=("VM-ISSTATE", "G-VMICVSS"), write=_windows_service),
    ),
)
