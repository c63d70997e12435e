"""What each Windows Server version can say: its build, its modules, and which fields its cmdlets do not have yet."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WindowsVersion:
    """One Windows Server version. `vm_version` is the configuration version its Hyper-V gives to a new VM."""

    build: int
    year: str
    powershell: str
    hyper_v_module: str
    vm_version: str
    online_caption: str = "Online"
    offline_caption: str = "Offline"
    functional_level: int | None = None  # (Get-Cluster).ClusterFunctionalLevel, a property since 2016

    @property
    def knows_generations(self) -> bool:
        """Generation 2, VHDX sharing and Get-ClusterSharedVolumeState came with 2012 R2."""
        return self.build >= 9600

    @property
    def knows_checkpoint_types(self) -> bool:
        """Production checkpoints, reference points and Get-VMHostSupportedVersion came with 2016."""
        return self.build >= 14393

    @property
    def knows_automatic_checkpoints(self) -> bool:
        """Automatic checkpoints came with Windows 10 1709, on servers with 2019."""
        return self.build >= 17763


# Captions of the class A writer as DPM's documentation quotes them; from which build on the short words are used is
# not documented, and 2012 R2 is the oldest build on which Microsoft's own test kit expects them.
# Functional levels of 2022 and 2025 are background knowledge that no public page confirms.
VERSIONS = {
    version.build: version
    for version in (
        WindowsVersion(
            build=9200,
            year="2012",
            powershell="3.0",
            hyper_v_module="1.0",
            vm_version="4.0",
            online_caption="Backup Using Child Partition Snapshot",
            offline_caption="Backup Using Saved State",
        ),
        WindowsVersion(build=9600, year="2012 R2", powershell="4.0", hyper_v_module="1.1", vm_version="5.0"),
        WindowsVersion(
            build=14393,
            year="2016",
            powershell="5.1.14393.7426",
            hyper_v_module="2.0.0.0",
            vm_version="8.0",
            functional_level=9,
        ),
        WindowsVersion(
            build=17763,
            year="2019",
            powershell="5.1.17763.6414",
            hyper_v_module="2.0.0.0",
            vm_version="9.0",
            functional_level=10,
        ),
        WindowsVersion(
            build=20348,
            year="2022",
            powershell="5.1.20348.2849",
            hyper_v_module="2.0.0.0",
            vm_version="10.0",
            functional_level=11,
        ),
        WindowsVersion(
            build=26100,
            year="2025",
            powershell="5.1.26100.2161",
            hyper_v_module="2.0.0.0",
            vm_version="12.0",
            functional_level=12,
        ),
    )
}


def version_of(build: int) -> WindowsVersion:
    """What a build can do; a build between two known ones behaves as the older of them. ValueError below 2012."""
    known = [version for number, version in VERSIONS.items() if number <= build]
    if not known:
        raise ValueError(f"no simulated Windows has build {build}: 2012 (9200) is the oldest with a Hyper-V module")
    return known[-1]
