"""Section `services`: rows of Win32_Service, which Windows does not localise."""

from datetime import datetime

from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Gap, Reading

# Start mode and state of a healthy host, for the services that the probe asks for. VSS, swprv and COMSysApp stand still
# until they are asked; the guest-side services (vmic*) stand still on a host. wbengine comes with a feature.
HEALTHY = {
    "vmms": ("Auto", "Running"),
    "VSS": ("Manual", "Stopped"),
    "swprv": ("Manual", "Stopped"),
    "COMSysApp": ("Manual", "Stopped"),
    "EventSystem": ("Auto", "Running"),
    "RpcSs": ("Auto", "Running"),
    "Winmgmt": ("Auto", "Running"),
    "WinRM": ("Auto", "Running"),
    "MSDTC": ("Auto", "Running"),
    "vmicvss": ("Manual", "Stopped"),
    "vmicguestinterface": ("Manual", "Stopped"),
    "vds": ("Manual", "Stopped"),
    "smphost": ("Manual", "Stopped"),
}
SINCE_2012_R2 = {"vmicguestinterface"}
OF_HYPER_V = {"vmms"}
# The service manager lists nothing to an account that comes over the network and is no administrator.
HIDDEN = "no service is shown"
IN_WORDS = {"running": ("Auto", "Running"), "stopped": ("Auto", "Stopped"), "disabled": ("Disabled", "Stopped")}


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    if not host.is_administrator:
        return Reading(None, [Gap("services", "denied", HIDDEN)], status="denied", reason=f"denied: {HIDDEN}")
    missing = (set() if host.version.knows_generations else SINCE_2012_R2) | (set() if host.hyper_v else OF_HYPER_V)
    present = {name: how for name, how in HEALTHY.items() if name not in missing}
    if host.cluster is not None:
        present["ClusSvc"] = ("Auto", "Running")
    for name, word in host.services.items():
        if word == "absent":
            present.pop(name, None)
        else:
            present[name] = IN_WORDS[word]
    rows = [{"name": name, "start_mode": mode, "state": state} for name, (mode, state) in present.items()]
    return Reading({"services": rows})
