"""VOL-FS: the host volume can be shadow-copied."""

from collections.abc import Iterator

from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.unused_volumes import about_unused
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section, Severity

SNAPSHOT_CAPABLE = frozenset({"NTFS", "CSVFS", "REFS"})


@rule(
    id="VOL-FS",
    title="The volume's file system can be shadow-copied",
    scope=Scope.VOLUME,
    severity=Severity.CRITICAL,
    needs=(Section.VOLUMES, Section.VMS),
    paths=ONLY_VSS,
    sources=("MS-BR", "MS-REFS"),
    fix="F15",
)
def volume_can_be_shadow_copied(host: HostView) -> Iterator[Statement]:
    """A backup through the host's VSS makes a shadow copy of every volume that holds files of a VM, which FAT and
    exFAT cannot. Volumes without files of a VM, such as the EFI system partition, do not matter.
    """
    for volume in host.volumes:
        if volume.key not in host.used_volumes:
            yield about_unused(host, volume)
        elif volume.file_system is None:
            yield unknown(volume, host.why(Section.VOLUMES, "volumes.file_system"))
        elif volume.file_system.upper().removeprefix("CSVFS_") in SNAPSHOT_CAPABLE:
            yield passed(volume, volume.file_system)
        else:
            yield failed(volume, measured=volume.file_system)
