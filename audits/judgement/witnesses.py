"""The second witness: what the Hyper-V VSS writer's caption of a VM says."""

from audits.judgement.evidence import Writers
from audits.judgement.words import WriterSays

# The four English prefixes that sources show. Whether localised servers translate them is not confirmed, so
# anything else is unknown and the raw caption stays in the evidence.
PREFIXES = {
    "online": WriterSays.ONLINE,
    "backup using child partition snapshot": WriterSays.ONLINE,
    "offline": WriterSays.OFFLINE,
    "backup using saved state": WriterSays.OFFLINE,
}


def says_in(caption: str | None) -> WriterSays:
    """The word before the first backslash. The display name behind it is chosen by people and never looked at."""
    prefix, separator, _ = (caption or "").partition("\\")
    return PREFIXES.get(prefix.strip().lower(), WriterSays.UNKNOWN) if separator else WriterSays.UNKNOWN


def writer_says_by_vm(writers: Writers | None) -> dict[str, WriterSays] | None:
    """By VM GUID in lower case; None when the components were not read. Two components that differ: unknown."""
    if writers is None or writers.components is None:
        return None
    said: dict[str, WriterSays] = {}
    for component in writers.components:
        vm_id = component.vm_id.lower()
        word = says_in(component.caption)
        said[vm_id] = word if said.get(vm_id, word) is word else WriterSays.UNKNOWN
    return said
