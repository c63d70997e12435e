"""A path is on the volume with the longest matching mount point; shares are another machine's."""

import pytest

from audits.judgement.evidence import Volumes
from audits.judgement.evidence.volumes import MountPoint
from audits.judgement.places import Places
from tests.judgement.hosts import DATA_VOLUME, SYSTEM_VOLUME, clustered_host, shared_volume, volume

MOUNTED = "\\\\?\\Volume{00000000-0000-0000-0000-0000000000f0}\\"
VOLUMES = Volumes(
    volumes=(volume(), volume(volume_id=SYSTEM_VOLUME, name="C:\\"), volume(volume_id=MOUNTED, name=None)),
    mount_points=(MountPoint(path="D:\\Mounts\\Fast\\", volume_id=MOUNTED),),
)
PLACES = Places(VOLUMES, clustered_host().cluster)


@pytest.mark.parametrize(
    ("path", "volume_id"),
    [
        ("D:\\VMs\\a.vhdx", DATA_VOLUME),
        ("d:\\vms\\A.VHDX", DATA_VOLUME),
        ("D:/VMs/a.vhdx", DATA_VOLUME),
        ("D:\\a.vhdx", DATA_VOLUME),
        ("D:\\", DATA_VOLUME),
        ("D:\\Mounts\\Fast\\VMs\\a.vhdx", MOUNTED),
        ("D:\\Mounts\\Fast", MOUNTED),
        ("D:\\Mounts\\Faster\\a.vhdx", DATA_VOLUME),
        ("C:\\ClusterStorage\\Volume1\\a.vhdx", shared_volume().volume_id),
        ("C:\\Cluster\\a.vhdx", SYSTEM_VOLUME),
        ("\\\\?\\D:\\VMs\\a.vhdx", DATA_VOLUME),
        (f"{DATA_VOLUME}VMs\\a.vhdx", DATA_VOLUME),
    ],
)
def test_a_path_lies_on_the_volume_of_its_longest_mount_point(path: str, volume_id: str) -> None:
    place = PLACES.of(path)

    assert place.volume is not None
    assert place.volume.subject.id == volume_id


@pytest.mark.parametrize("path", ["\\\\files01\\vms\\a.vhdx", "\\\\?\\UNC\\files01\\vms\\a.vhdx", "//files01/vms/a"])
def test_a_share_is_no_volume_of_this_host(path: str) -> None:
    assert PLACES.of(path).is_share
    assert PLACES.of(path).volume is None


@pytest.mark.parametrize("path", ["X:\\a.vhdx", "a.vhdx", "", "Disk 1"])
def test_a_path_below_no_volume_is_nowhere(path: str) -> None:
    place = PLACES.of(path)

    assert place.volume is None
    assert not place.is_share


def test_a_shared_volume_that_was_not_read_is_not_taken_for_the_system_volume() -> None:
    assert PLACES.of("C:\\ClusterStorage\\Volume10\\a.vhdx").volume is None
    assert Places(VOLUMES, None).of("C:\\ClusterStorage\\Volume1\\VM\\a.vhdx").volume is None
