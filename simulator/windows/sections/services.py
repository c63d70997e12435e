"""Section `services`: rows of Win32_Service, which Windows does not localise."""

from datetime import datetime

from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Reading

# Start mode and state of a healthy host. VSS, swprv and COMSysApp stand still until they are asked; the guest-side
# services (vmic*) stand still on a host.
HEALTHY = {
    "vmms": ("Auto", "Running"),
    "vmcompute": ("Manual", "Running"),
    "VSS": ("Manual", "Stopped"),
    "swprv": ("Manual", "Stopped"),
    "COMSysApp": ("Manual", "Stopped"),
    "EventSystem": ("Auto", "Running"),
    "RpcSs": ("Auto", "Running"),
    "Winmgmt": ("Auto", "Running"),
    "MSDTC": ("Auto", "Running"),
    "vmicvss": ("Manual", "Stopped"),
    "vds": ("Manual", "Stopped"),
    "smphost": ("Manual", "Stopped"),
}
SINCE_2016 = {"vmcompute"}
OF_HYPER_V = {"vmms", "vmcompute"}
IN_WORDS = {"running": ("Auto", "Running"), "stopped": ("Auto", "Stopped"), "disabled": ("Disabled", "Stopped")}


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    present = {
        name: how for name, how in HEALTHY.items() if name not in SINCE_2016 or host.version.knows_checkpoint_types
    }
    if host.cluster is not None:
        present["ClusSvc"] = ("Auto", "Running")
    for name, word in host.services.items():
        if word == "absent":
            present.pop(name, None)
        else:
            present[name] = IN_WORDS[word]
    rows = [{"name": name, "start_mode": mode, "state": state} for name, (mode, state) in present.items()]
    return Reading({"services": rows})
