"""F13: make the guest's system ready for live backup: scoped snapshots, Linux, Windows without VSS."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Shell, Variant, Where
from audits.judgement.fixes.linux import RUNNING, daemon_commands, leave_to_a_newer_host
from audits.judgement.rule import SINCE_2012_R2
from audits.judgement.words import HostClass

KEY = r"HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRestore"


def _scoped_snapshots(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        by_hand=(
            "In the guest: regedit.exe > HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\"
            "SystemRestore.",
            "New DWORD value ScopeSnapshots, data 0.",
        ),
        commands=f"if (-not (Test-Path '{KEY}')) {{ New-Item -Path '{KEY}' | Out-Null }}\n"
        f"New-ItemProperty -Path '{KEY}' -Name 'ScopeSnapshots' -PropertyType DWord -Value 0 -Force",
        verify=f"Get-ItemProperty -Path '{KEY}' | Select-Object ScopeSnapshots",
        done_when="ScopeSnapshots is 0, and the writer calls the VM online at the next audit.",
        undo=f"Remove-ItemProperty -Path '{KEY}' -Name 'ScopeSnapshots'",
        way_back="Remove the value again.",
        caveats=(
            "Switches scoped snapshots off in the guest. Source: one vendor's note. A newer host is the better way.",
        ),
    )


def _daemon(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        shell=Shell.LINUX,
        by_hand=(
            "In the guest, install the distribution's Hyper-V daemons and start the one for VSS.",
            "File systems that cannot be frozen (loop devices, overlays, FUSE) break the live backup: unmount them "
            "for the backup.",
        ),
        commands=daemon_commands(case.guest_name),
        verify=RUNNING,
        done_when="One process is listed.",
        way_back="Stop and disable the same unit, or remove the package.",
        caveats=(
            "Names of packages and units are background knowledge and not confirmed by a source.",
            "Consistency is that of the file systems, not of databases: those need their own scripts.",
        ),
    )


def _without_vss(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "Windows 2000 and XP cannot be backed up live. Replace the system; until then:",
            "exclude the VM from the host's job and copy it at a time when it may be off, or back it up inside the "
            "guest.",
        ),
        no_commands="No command gives this Windows a VSS that the host could use.",
        verify="",
        done_when="The VM is gone, or in no job that backs it up live from the host.",
        way_back="Put the VM back into the job.",
    )


FIX = Fix(
    id="F13",
    title="Make the guest's system ready for live backup",
    why="The guest itself has to hold its writes, and this system does not do that on this host without help.",
    effort_minutes=15,
    caveat="Switches scoped snapshots off in the guest; a newer host is better. Linux: start hv_vss_daemon. "
    "Windows 2000 and XP cannot be backed up live.",
    variants=(
        Variant(
            name="Linux on a host up to 2012",
            rules=("VM-GUESTOS",),
            when=lambda case: case.guest_is_linux or "Linux" in case.measured,
            classes=frozenset({HostClass.A}),
            write=leave_to_a_newer_host,
        ),
        Variant(name="Windows 2000 or XP", rules=("VM-GUESTOS",), write=_without_vss),
        Variant(name="scoped snapshots", rules=("G-SCOPE",), classes=frozenset({HostClass.A}), write=_scoped_snapshots),
        Variant(name="Linux guest", rules=("G-LINUX",), classes=SINCE_2012_R2, write=_daemon),
    ),
)
