"""Hypothesis strategies: Windows hosts with any mixture of faults that a step can mend, and some that none can."""

from dataclasses import replace

from hypothesis import strategies as st

from audits.judgement.words import BackupPath
from simulator import windows
from simulator.windows import Checkpoint, Disk, Inside, VirtualMachine, Volume, WindowsHost

POWERSHELL_DIRECT_BEGINS = 14393
BUILDS = st.sampled_from([9200, 9600, 14393, 20348])
PATHS = st.sampled_from(list(BackupPath))
ELSEWHERE = "C:\\Checkpoints"
SHARED = Disk(path="D:\\Shared\\quorum.vhdx", shared=True)

# Words of a VM, each told or not: what a step mends.
MENDABLE: dict[str, list[dict[str, object]]] = {
    "service": [{"backup_service": False}, {"backup_service": None}, {"backup_answer": "lost"}],
    "place": [{"checkpoint_folder": ELSEWHERE}],
    "shape": [{"generation": 1, "scsi_controllers": 0}, {"checkpoint_type": "disabled"}],
    "disks": [
        {"disks": (Disk(), Disk(number=2))},
        {"disks": (Disk(), SHARED)},
        {"disks": (Disk(missing="parent", parent="D:\\Templates\\base.vhdx"),)},
        {"disks": (Disk(missing="file"),)},
    ],
    "state": [
        {"state": "paused"},
        {"state": "running_critical", "operational_status": (32795,)},
        {"operational_status": (5,)},
        {"folder": "E:\\Hyper-V"},
    ],
}
# Told only where somebody has access to the guests, as a cause inside an unread one hides.
INSIDE: list[Inside] = [
    Inside(services={"vmicvss": "disabled"}),
    Inside(services={"VSS": "disabled"}),
    Inside(data_file_system="exFAT"),
    Inside(dynamic_disk=True),
]
# And what none does: the VM has to stay out of every promise.
BEYOND: list[dict[str, object]] = [
    {"guest": "windows-xp", "generation": 1},
    {"guest_blocks": "dynamic disk"},
    {"disks": (Disk(unreadable=True),)},
    {"state": "starting"},
    {"state": "off"},
    {"state": "paused_critical"},
    {"listed_by_writer": False},
    {"reports": {"integration": None}},
    {"reports": {"disks": None}},
    {"reports": {"operational_status": None}},
]
HIDES_IN_THE_GUEST = {"guest_blocks", "guest"}
NOTHING_BEYOND: dict[str, object] = {}


@st.composite
def virtual_machines(draw: st.DrawFn, *, has_access: bool) -> dict[str, object]:
    words: dict[str, object] = {}
    for choices in MENDABLE.values():
        words |= draw(st.sampled_from([NOTHING_BEYOND, NOTHING_BEYOND, *choices]))
    # A guest that was read and a cause inside it that nobody can read contradict each other.
    others = [each for each in BEYOND if not (has_access and "guest_blocks" in each)]
    beyond = draw(st.sampled_from([NOTHING_BEYOND] * 4 + others))
    # A cause inside the guest that hides behind another one is what a promise takes for granted to be absent. A silent
    # service and an old guest hide behind a VM that stands still.
    if "state" in words | beyond:
        words.pop("backup_answer", None)
    elif has_access:
        words["inside"] = draw(st.sampled_from([Inside(), Inside(), *INSIDE]))
    return beyond if HIDES_IN_THE_GUEST & beyond.keys() else words | beyond


def _machine(number: int, words: dict[str, object]) -> VirtualMachine:
    """Each VM in a folder of its own, as no two can have the same disk."""
    own = {"folder": f"{words['folder']}\\VM{number}"} if "folder" in words else {}
    return windows.vm(f"VM{number}", **words | own)


@st.composite
def hosts(draw: st.DrawFn) -> WindowsHost:
    build = draw(BUILDS)
    has_access = build >= POWERSHELL_DIRECT_BEGINS and draw(st.booleans())
    machines = draw(st.lists(virtual_machines(has_access=has_access), min_size=1, max_size=5))
    differs: dict[str, object] = draw(
        st.sampled_from(
            [
                {},
                {},
                {"services": {"swprv": "disabled"}},
                {"services": {"vmms": "stopped"}, "hyper_v_writer": 8},
                {"hyper_v_writer": 9},
                {"hyper_v_writer": None},
                {"free_memory_gb": 0.2},
                {"caption_reading": "refused"},
                {"rights": "hyper_v"},
            ]
        )
    )
    host = windows.host(
        "random.example",
        build=build,
        guest_accounts={"GUEST\\audit": "simulated-Guest-1"} if has_access else {},
        vms=[_machine(number, words) for number, words in enumerate(machines)],
        **differs,
    )
    full = Volume(name="E:\\", capacity_gb=500.0, free_gb=draw(st.sampled_from([0.1, 200.0])))
    return replace(host, volumes=(*host.volumes, full))


@st.composite
def busy_hosts(draw: st.DrawFn) -> WindowsHost:
    """One whose VMs include one that is stuck in a merge: the writer is not asked then."""
    host = draw(hosts())
    stuck = replace(host.vms[0], busy="merge", checkpoints=(Checkpoint(kind="recovery", hours_old=200.0),))
    return replace(host, vms=(stuck, *host.vms[1:]))
