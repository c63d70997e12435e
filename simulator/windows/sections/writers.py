"""Section `writers`: vssadmin's list and diskshadow's components; skipped while a VM is busy."""

from datetime import datetime

from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Gap, Reading
from simulator.windows.writer import caption

# Writer class ids as every Windows Server has them.
HYPER_V = "66841cd4-6ded-4f4b-8f17-fd23f8ddc3de"
WRITERS = {
    "Task Scheduler Writer": "d61d61c8-d73a-4eee-8cdd-f6f9786b7124",
    "VSS Metadata Store Writer": "75dfb225-e2e4-4d39-9ac9-ffaff65ddf06",
    "Performance Counters Writer": "0bada1de-01a9-4625-8278-69e735f39dd2",
    "System Writer": "e8132975-6f93-4464-a53e-1050253ae220",
    "ASR Writer": "be000cbe-11fe-4426-9c58-531aa6355fc4",
    "Shadow Copy Optimization Writer": "4dc3bdd4-ab48-4d07-adb0-3bee2926fd7f",
    "Registry Writer": "afbab4a2-367d-4d15-a586-71dbb18f8485",
    "COM+ REGDB Writer": "542da469-d3e1-473c-9f4f-7847f01fc64f",
    "WMI Writer": "a6ad56c2-b509-4e6c-bb19-49d8f43532f0",
}
CLUSTER_WRITERS = {
    "Cluster Database": "41e12264-35d8-479b-8e5c-9b23d1dad37e",
    "Cluster Shared Volume VSS Writer": "1072ae1c-e5a7-4ea1-9e4a-6f7964656570",
}
# Which names a Windows in another language translates is not documented; these stand for "the id counts, not the name".
NAMES = {
    "de-DE": {"Microsoft Hyper-V VSS Writer": "Microsoft Hyper-V-VSS-Generator", "System Writer": "Systemgenerator"},
    "fr-FR": {"Microsoft Hyper-V VSS Writer": "Rédacteur VSS Microsoft Hyper-V", "System Writer": "Rédacteur système"},
    "ja-JP": {"Microsoft Hyper-V VSS Writer": "Microsoft Hyper-V VSS ライター", "System Writer": "システム ライター"},
}
LAST_ERRORS = {
    "en-US": ("No error", "Retryable error"),
    "de-DE": ("Kein Fehler", "Wiederholbarer Fehler"),
    "fr-FR": ("Aucune erreur", "Erreur pouvant faire l'objet d'une nouvelle tentative"),
    "ja-JP": ("エラーなし", "再試行可能なエラー"),
}
FAILED_FROM = 6  # VSS_WRITER_STATE: 6 to 15 are failures
# What vssadmin ends with for an account that is no administrator is not documented; 5 is "access denied".
NO_RIGHTS = "exit code 5"
CAPTION_GAPS = {
    "absent": Gap("components", "absent", "Win32Exception"),
    "refused": Gap("components", "refused", "exit code 0"),
}


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    busy = sum(1 for vm in host.vms if vm.busy)
    if busy:
        return Reading(None, status="skipped", reason=f"a VM is busy with a backup, merge or migration ({busy})")
    if not host.is_administrator:
        gaps = [Gap("writers", "denied", NO_RIGHTS), Gap("components", "denied", NO_RIGHTS)]
        return Reading(None, gaps, status="denied", reason=f"denied: {NO_RIGHTS}")
    caption_reading = "absent" if host.edition == "client" else host.caption_reading
    if caption_reading != "ok":
        data: dict[str, object] = {"writers": _writers(host), "components": None}
        return Reading(data, [CAPTION_GAPS[caption_reading]])
    return Reading({"writers": _writers(host), "components": _components(host)})


def _writers(host: WindowsHost) -> list[dict[str, object]]:
    ids = WRITERS | (CLUSTER_WRITERS if host.cluster else {})
    states = {name: host.writers.get(name, 1) for name in ids}
    if host.hyper_v and host.hyper_v_writer is not None and host.edition != "client":
        ids, states = (
            ids | {"Microsoft Hyper-V VSS Writer": HYPER_V},
            states | {"Microsoft Hyper-V VSS Writer": host.hyper_v_writer},
        )
    healthy, failed = LAST_ERRORS[host.language]
    names = NAMES.get(host.language, {})
    return [
        {
            "writer_id": identifier,
            "name": names.get(name, name),
            "state": states[name],
            "last_error": failed if states[name] >= FAILED_FROM else healthy,
        }
        for name, identifier in ids.items()
    ]


def _components(host: WindowsHost) -> list[dict[str, object]]:
    if host.hyper_v_writer is None or not host.hyper_v:
        return []
    return [{"vm_id": vm.vm_id, "caption": caption(host, vm)} for vm in host.vms if vm.listed_by_writer]
