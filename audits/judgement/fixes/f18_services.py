"""F18: enable the service, by its name."""

from collections.abc import Iterable

from audits.judgement.evidence.services import Service
from audits.judgement.fixes.case import Case
from audits.judgement.fixes.fix import Fix, Phase, Recipe, Variant, Where
from audits.judgement.fixes.menus import services_program
from audits.judgement.powershell import Code, commands

ON_DEMAND = ("VSS", "swprv", "COMSysApp")
ALWAYS = ("vmms", "EventSystem", "RpcSs", "Winmgmt", "MSDTC")
# Windows refuses to change it through the service manager.
PROTECTED = "RpcSs"


def _named(case: Case) -> tuple[str, ...]:
    """The services that the finding names. Only known names come out, whatever the text holds."""
    if case.rule == "HOST-VMMS":
        return ("vmms",)
    services = _services(case)
    said = {part.partition(":")[0].strip().lower() for part in case.measured.split(",")}
    faulty = {service.name.lower() for service in services if (service.start_mode or "").lower() == "disabled"}
    named = [name for name in (*ON_DEMAND, *ALWAYS) if name.lower() in said]
    return tuple(named) or tuple(name for name in (*ON_DEMAND, *ALWAYS) if name.lower() in faulty)


def _services(case: Case) -> Iterable[Service]:
    if case.rule == "G-SVC":
        return (case.guest.services or ()) if case.guest else ()
    services = case.host.evidence.services if case.host else None
    return (services.services or ()) if services else ()


def _enable(case: Case) -> Recipe:
    in_guest = case.rule == "G-SVC"
    names = _named(case) or ON_DEMAND
    changeable = [name for name in names if name != PROTECTED]
    return Recipe(
        phase=Phase.GUEST if in_guest else Phase.SERVICES,
        where=Where.GUEST if in_guest else Where.HOST,
        by_hand=(
            f"{'In the guest: services.msc' if in_guest else services_program(case)}.",
            *(_by_hand(name) for name in names),
        ),
        commands="\n".join(_lines(name) for name in changeable),
        no_commands="" if changeable else "Windows lets nobody change RpcSs: see by hand.",
        done_already=_ready(case, changeable) if not in_guest else "",
        verify=commands(
            "{read} -Filter {filter} |\n    Select-Object 'Name', 'StartMode', 'State'",
            read=_read(case, in_guest),
            filter=" OR ".join(f"Name='{name}'" for name in names),
        ),
        done_when=_done_when(names),
        undo="\n".join(commands("Set-Service -Name {name} -StartupType Disabled", name=name) for name in changeable),
        way_back="Disabled again, only if somebody knows why it was.",
        caveats=_caveats(names),
    )


def _no_role(case: Case) -> Recipe:
    return Recipe(
        phase=Phase.ELSEWHERE,
        by_hand=(
            "The machine has no Hyper-V: nothing is to be repaired. Take it out of the product, or check its name and "
            "address.",
        ),
        no_commands="There is nothing to change on a machine without Hyper-V.",
        verify=commands("{read} -Filter {filter}", read=_read(case, False), filter="Name='vmms'"),
        done_when="It prints the service vmms on the machine that was meant.",
        way_back="Nothing was changed.",
    )


def _mode(name: str) -> str:
    return "Manual" if name in ON_DEMAND else "Automatic"


def _by_hand(name: str) -> str:
    if name == PROTECTED:
        return "RpcSs (Remote Procedure Call): Windows protects it. Set Start to 2 in its registry key and restart."
    return f"{name}: startup type {_mode(name)}{'' if name in ON_DEMAND else ', then Start'}."


def _lines(name: str) -> str:
    line = commands("Set-Service -Name {name} -StartupType {mode}", name=name, mode=Code(_mode(name)))
    return line if name in ON_DEMAND else line + commands("\nStart-Service -Name {name}", name=name)


def _read(case: Case, in_guest: bool) -> Code:
    """Guests may be older than the host; Get-WmiObject is on all of them."""
    is_old = in_guest or case.is_2008_r2
    return Code("Get-WmiObject -Class Win32_Service" if is_old else "Get-CimInstance -ClassName Win32_Service")


def _ready(case: Case, names: list[str]) -> str:
    """True once none of them is disabled and those that must run do run."""
    running = [name for name in names if name in ALWAYS]
    wrong = ["StartMode='Disabled'"] + (["State<>'Running'"] if running and len(running) == len(names) else [])
    which = " OR ".join(f"Name='{name}'" for name in names)
    if not names:
        return ""
    return commands(
        "@({read} -Filter {filter}).Count -eq 0",
        read=_read(case, False),
        filter=f"({which}) AND ({' OR '.join(wrong)})",
    )


def _done_when(names: tuple[str, ...]) -> str:
    on_demand = [name for name in names if name in ON_DEMAND]
    always = [name for name in names if name not in ON_DEMAND]
    said = []
    if on_demand:
        said.append(f"{', '.join(on_demand)}: StartMode Manual; Stopped is healthy, they start when a backup asks")
    if always:
        said.append(f"{', '.join(always)}: StartMode Auto and State Running")
    return "; ".join(said) + "."


def _caveats(names: tuple[str, ...]) -> tuple[str, ...]:
    said = []
    if any(name in ON_DEMAND for name in names):
        said.append("Do not set VSS, swprv or COMSysApp to Automatic because an article says they must run.")
    if "vmms" in names:
        said.append("Running VMs keep running while vmms starts. If it does not start, read its events first.")
    if "Winmgmt" in names or "EventSystem" in names:
        said.append("Other services depend on it and may want a restart of the machine.")
    return tuple(said)


FIX = Fix(
    id="F18",
    title="Enable the service",
    why="A service that is disabled cannot be started by the backup that needs it, and some have to run all the time.",
    effort_minutes=5,
    caveat="VSS, swprv and COMSysApp belong on Manual, not Automatic. vmms, EventSystem, RpcSs, Winmgmt must run.",
    variants=(
        Variant(
            name="Hyper-V is not installed",
            rules=("HOST-VMMS",),
            when=lambda case: "not installed" in case.measured,
            write=_no_role,
        ),
        Variant(
            name="Hyper-V's management service",
            rules=("HOST-VMMS",),
            write=_enable,
        ),
        Variant(name="services of the host", rules=("HOST-SVC",), write=_enable),
        Variant(name="services of the guest", rules=("G-SVC",), write=_enable),
    ),
)
