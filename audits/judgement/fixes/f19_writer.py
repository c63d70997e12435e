"""F19: revive the failed writer, on the host or in the guest, or read what the log complains about."""

from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Risk, Variant, Where
from audits.judgement.fixes.menus import services_program
from audits.judgement.powershell import commands

LIST_WRITERS = "vssadmin.exe list writers"
FIRST_FAILED = 6
# Writers whose service may be restarted, by the writer's id. The ids are Microsoft's and the vendors' published ones;
# which service owns the writer is background knowledge.
SERVICE_OF_WRITER = {
    "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a": ("SqlServerWriter", "SQLWriter"),
    "e8132975-6f93-4464-a53e-1050253ae220": ("System Writer", "CryptSvc"),
    "a6ad56c2-b509-4e6c-bb19-49d8f43532f0": ("WMI Writer", "Winmgmt"),
    "2a40fd15-dfca-4aa8-a654-1f8c654603f6": ("IIS Config Writer", "AppHostSvc"),
    "76fe1ac4-15f7-4bcd-987e-8e1acb462fb7": ("Microsoft Exchange Writer", "MSExchangeRepl"),
}


def _restart_vmms(case: Case) -> Recipe:
    drained = case.host_is_clustered and not case.is_2008_r2
    return Recipe(
        phase=Phase.WRITER,
        downtime="no VM; managing them stands still for a minute" if not drained else "no VM: they move live and back",
        by_hand=(
            *(("Failover Cluster Manager > Nodes > this node > Pause > Drain Roles.",) if drained else ()),
            f"{services_program(case)} > Hyper-V Virtual Machine Management (vmms) > Restart.",
            *(("Then Resume > Fail Roles Back.",) if drained else ()),
        ),
        commands="\n".join(
            [
                *(["Suspend-ClusterNode -Name $env:COMPUTERNAME -Drain -Wait"] if drained else []),
                "Restart-Service -Name 'vmms'",
                *(["Resume-ClusterNode -Name $env:COMPUTERNAME -Failback Immediate"] if drained else []),
            ]
        ),
        verify=f"Get-Service -Name 'vmms'\n{LIST_WRITERS}",
        done_when="vmms is running, and the writer with the id {66841cd4-6ded-4f4b-8f17-fd23f8ddc3de} has state [1] "
        "or [5]. Numbers count: the words are translated.",
        way_back="Needs none: a restart changes no setting.",
        caveats=(
            "Never while a backup or a merge runs: look at Hyper-V Manager's column Status first.",
            "Running VMs keep running; management is gone for a moment.",
            *(
                ("The node is drained first. Look that all of its roles have moved before the restart.",)
                if drained
                else ("On a cluster node, move its roles to another node first.",)
                if case.host_is_clustered
                else ()
            ),
        ),
    )


def _read_the_log(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.WRITER,
        by_hand=(
            "Event Viewer > Windows Logs > Application and System; Applications and Services Logs > Microsoft > "
            "Windows > Hyper-V-VMMS > Admin.",
            "Filter by the numbers of the finding. What the event's text says decides what to do.",
            "Only if writers have failed: restart the Hyper-V management service when no backup runs.",
        ),
        commands=_events(case),
        only_looks=True,
        verify=LIST_WRITERS,
        done_when="Every writer has state [1] or [5], and the numbers do not come again at the next backup.",
        way_back="Nothing was changed: the commands only look.",
        caveats=(
            "Event 19100: the VM's own account lacks access to the folder of its disks. 10103: on 2012 R2 the VM has "
            "no SCSI controller. 25 of volsnap: shadow copies were deleted, give their storage room.",
            "The same number means different things in different Windows versions: read the provider, too.",
        ),
    )


def _events(case: Case) -> str:
    """The newest events of each provider that the finding names; only numbers and known names are written."""
    events = case.host.evidence.vss_events if case.host else None
    names = {"vss": "VSS", "volsnap": "volsnap", "microsoft-windows-hyper-v-vmms": "Microsoft-Windows-Hyper-V-VMMS"}
    seen: dict[str, list[int]] = {}
    for count in (events.counts or ()) if events else ():
        name = names.get(count.provider.lower())
        if name:
            seen.setdefault(name, []).append(count.event_id)
    asked = seen or {"VSS": [], "volsnap": [], "Microsoft-Windows-Hyper-V-VMMS": []}
    return "\n".join(_filter(provider, sorted(set(ids))) for provider, ids in asked.items())


def _filter(provider: str, ids: list[int]) -> str:
    """Up to 20 numbers, as the log service takes no more conditions than 22 at a time."""
    which = f"; Id = {', '.join(map(str, ids[:20]))}" if ids else "; Level = 1, 2, 3"
    return (
        commands("Get-WinEvent -FilterHashtable @{ ProviderName = {provider}", provider=provider)
        + f"{which} }} -MaxEvents 20 |\n    Select-Object 'TimeCreated', 'Id', 'LevelDisplayName', 'Message'"
    )


def _guest_writer(case: Case) -> Recipe:
    failed = [
        writer
        for writer in (case.guest.writers or () if case.guest else ())
        if writer.state is not None and writer.state >= FIRST_FAILED
    ]
    known = [
        SERVICE_OF_WRITER[writer.writer_id.lower()]
        for writer in failed
        if writer.writer_id.lower() in SERVICE_OF_WRITER
    ]
    return Recipe(
        phase=Phase.GUEST,
        where=Where.GUEST,
        downtime="the application whose service restarts" if known else "the guest restarts, where no service is known",
        by_hand=(
            *(f"In the guest: services.msc > {service} > Restart. It owns the {title}." for title, service in known),
            *(
                ()
                if known
                else (
                    "In the guest: vssadmin list writers shows which writer has failed.",
                    "Restart the service that owns it, or the guest.",
                )
            ),
        ),
        commands="\n".join(commands("Restart-Service -Name {service}", service=service) for _, service in known),
        no_commands="" if known else "Which service owns the failed writer is not known from here.",
        verify=LIST_WRITERS,
        done_when="Every writer has state [1] or [5] and no error.",
        way_back="Needs none: a restart changes no setting.",
        caveats=(
            "Restarting a service interrupts its application: outside working time, and not while a backup runs.",
            *(("Which service owns a writer is background knowledge.",) if known else ()),
        ),
    )


FIX = Fix(
    id="F19",
    title="Revive the failed writer",
    why="A writer that failed stays failed until the service that owns it starts anew, and every backup meets it.",
    effort_minutes=10,
    risk=Risk.MEDIUM,
    caveat="VMs keep running, management is gone briefly. Not during a backup or merge; drain cluster nodes first.",
    variants=(
        Variant(name="Hyper-V's writer on the host", rules=("HOST-WRITER",), write=_restart_vmms),
        Variant(name="errors in the host's log", rules=("HOST-VSSERR",), write=_read_the_log),
        Variant(name="a writer in the guest", rules=("G-WRITERS",), write=_guest_writer),
    ),
)
