"""Where a file lies: the volume of a Windows path, by the longest matching mount point or drive."""

from collections.abc import Iterable

from msgspec import Struct

from audits.judgement.evidence import Cluster, Volumes
from audits.judgement.evidence.cluster import SharedVolume
from audits.judgement.evidence.volumes import Volume
from audits.judgement.result import Subject
from audits.judgement.words import Scope


class VolumeView(Struct, frozen=True, kw_only=True):
    """One volume of the host, a Cluster Shared Volume included. `facts` is its row of Win32_Volume, if any."""

    subject: Subject
    key: str
    facts: Volume | None = None
    shared: SharedVolume | None = None

    @property
    def file_system(self) -> str | None:
        return (self.shared.file_system if self.shared else None) or (self.facts.file_system if self.facts else None)

    @property
    def capacity_bytes(self) -> int | None:
        if self.shared is not None and self.shared.capacity_bytes is not None:
            return self.shared.capacity_bytes
        return self.facts.capacity_bytes if self.facts else None

    @property
    def free_bytes(self) -> int | None:
        if self.shared is not None and self.shared.free_bytes is not None:
            return self.shared.free_bytes
        return self.facts.free_bytes if self.facts else None


class Place(Struct, frozen=True):
    """The answer for one path: a volume, a share (then `volume` is None), or neither."""

    volume: VolumeView | None = None
    is_share: bool = False


SHARE = Place(is_share=True)
NOWHERE = Place()
VOLUME_GUID_PREFIX = "\\\\?\\volume{"
# Cluster Shared Volumes are mounted here on the system drive. What lies below belongs to one of them, never to the
# system volume, also when the shared volumes could not be read.
CLUSTER_STORAGE = ":\\clusterstorage\\"


class Places:
    """All volumes of one host, and where each path lies. Answers are remembered per folder: VMs share folders."""

    def __init__(self, volumes: Volumes | None, cluster: Cluster | None) -> None:
        shared = _shared_by_key(cluster)
        rows = tuple(volumes.volumes or ()) if volumes else ()
        self.volumes: dict[str, VolumeView] = {}
        self._by_prefix: dict[str, Place] = {}
        self._by_folder: dict[str, Place] = {}
        for row in rows:
            self._add(_view(row, shared.pop(row.volume_id.lower(), None)))
        for csv in shared.values():
            self._add(_view(None, csv))
        for mount in (volumes.mount_points or ()) if volumes else ():
            volume = self.volumes.get(mount.volume_id.lower())
            if volume is not None:
                self._by_prefix.setdefault(_as_prefix(mount.path), Place(volume))

    def of(self, path: str) -> Place:
        """Where `path` lies. Names of shares are not resolved; a path below no known volume is nowhere."""
        text = path.lower().replace("/", "\\")
        if text.startswith("\\\\?\\") and not text.startswith(VOLUME_GUID_PREFIX):
            text = "\\\\" + text[8:] if text.startswith("\\\\?\\unc\\") else text[4:]
        if text.startswith("\\\\") and not text.startswith(VOLUME_GUID_PREFIX):
            return SHARE
        # The path itself may be a mount point: a folder such as the checkpoint location has no trailing separator.
        whole = self._by_prefix.get(text.rstrip("\\") + "\\")
        if whole is not None:
            return whole
        folder = text[: text.rfind("\\") + 1]
        known = self._by_folder.get(folder)
        if known is None:
            known = self._by_folder[folder] = self._climb(folder)
        return known

    def share_of(self, path: str) -> str | None:
        """`\\\\server\\share` of a path on a share, as it is written; None for a path elsewhere."""
        if not self.of(path).is_share:
            return None
        text = path.replace("/", "\\")
        if text.lower().startswith("\\\\?\\unc\\"):
            text = "\\\\" + text[8:]
        return "\\".join(text.split("\\")[:4])

    def _climb(self, folder: str) -> Place:
        while folder and not folder.endswith(CLUSTER_STORAGE):
            place = self._by_prefix.get(folder)
            if place is not None:
                return place
            folder = folder[: folder.rfind("\\", 0, len(folder) - 1) + 1]
        return NOWHERE

    def _add(self, volume: VolumeView) -> None:
        self.volumes[volume.key] = volume
        place = Place(volume)
        names = (volume.facts.name if volume.facts else None, volume.shared.path if volume.shared else None)
        for name in (volume.key, *names):
            if name:
                self._by_prefix[_as_prefix(name)] = place


def is_below_cluster_storage(path: str) -> bool:
    return CLUSTER_STORAGE in path.lower().replace("/", "\\")


def _shared_by_key(cluster: Cluster | None) -> dict[str, SharedVolume]:
    rows: Iterable[SharedVolume] = (cluster.shared_volumes or ()) if cluster else ()
    return {(csv.volume_id or csv.path or csv.name).lower(): csv for csv in rows}


def _view(facts: Volume | None, shared: SharedVolume | None) -> VolumeView:
    volume_id = facts.volume_id if facts else (shared and (shared.volume_id or shared.path or shared.name)) or ""
    name = (shared.path or shared.name) if shared else (facts.name or facts.label) if facts else None
    return VolumeView(
        subject=Subject(Scope.VOLUME, volume_id, name or volume_id), key=volume_id.lower(), facts=facts, shared=shared
    )


def _as_prefix(name: str) -> str:
    return name.lower().replace("/", "\\").rstrip("\\") + "\\"
