"""Where a setting is found by hand: names of programs and menus by Windows version, in English."""

from audits.judgement.fixes.case import Case
from audits.judgement.words import WindowsBuild


def vm_settings(case: Case) -> str:
    """The way to a VM's settings. A clustered VM is changed in Failover Cluster Manager, so that all nodes know."""
    if case.vm_is_clustered:
        return f"Failover Cluster Manager > {_roles(case)} > the VM > Settings"
    return "Hyper-V Manager > the VM > Settings"


def vm_menu(case: Case) -> str:
    if case.vm_is_clustered:
        return f"Failover Cluster Manager > {_roles(case)} > the VM"
    return "Hyper-V Manager > the VM"


def role(case: Case) -> str:
    """A VM where its cluster is looked after."""
    return f"Failover Cluster Manager > {_roles(case)} > the VM"


def move_storage(case: Case, to: str) -> tuple[str, ...]:
    """How a VM's files are moved. 2008 R2 moves no storage of a VM."""
    if case.is_2008_r2:
        return (
            f"Shut the VM down, copy its .vhd files {to}, choose them in {vm_settings(case)} at the same places, and "
            "start the VM. Windows Server 2008 R2 cannot move them by itself.",
        )
    action = "Move > Virtual Machine Storage" if case.vm_is_clustered else "Move > Move the virtual machine's storage"
    return (f"{vm_menu(case)} > {action}, {to}. The VM may run.",)


def _roles(case: Case) -> str:
    return "Services and applications" if case.is_2008_r2 else "Roles"


def backup_service(case: Case) -> str:
    """2012 R2 renamed snapshots to checkpoints."""
    return "Backup (volume snapshot)" if case.is_before_2012_r2 else "Backup (volume checkpoint)"


def checkpoint_folder(case: Case) -> str:
    """The name of the setting that holds the folder."""
    if case.is_before_2012_r2:
        return "Snapshot File Location"
    return "Checkpoint File Location" if case.is_before_2016 else "Checkpoints > Checkpoint File Location"


def checkpoints(case: Case) -> str:
    return "Snapshots" if case.is_before_2012_r2 else "Checkpoints"


def services_program(case: Case) -> str:
    """Where services are set on the host. Server Core has no window for it: use the commands, or another computer."""
    return "services.msc" if case.is_2008_r2 else "Server Manager > Tools > Services (services.msc)"


WINDOWS_NAMES = (
    (WindowsBuild.SERVER_2025, "Windows Server 2025"),
    (WindowsBuild.SERVER_2022, "Windows Server 2022"),
    (WindowsBuild.SERVER_2019, "Windows Server 2019"),
    (WindowsBuild.SERVER_2016, "Windows Server 2016"),
    (WindowsBuild.SERVER_2012_R2, "Windows Server 2012 R2"),
    (WindowsBuild.SERVER_2012, "Windows Server 2012"),
    (WindowsBuild.SERVER_2008_R2, "Windows Server 2008 R2"),
    (WindowsBuild.SERVER_2008, "Windows Server 2008"),
)


def windows_of(case: Case) -> str:
    """For which Windows the text is written. Where the version was not read, it is written for the newer ones."""
    if case.build is None:
        return "2016 and later, as the host's version was not read"
    return next((name for first, name in WINDOWS_NAMES if case.build >= first), "this Windows")
