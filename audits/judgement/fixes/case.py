"""The case that a fix is written for: the failed rule and what is known around it."""

from msgspec import Struct

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.places import VolumeView
from audits.judgement.powershell import Code, commands, remark, volume_argument
from audits.judgement.result import Result
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, WindowsBuild

UNKNOWN_VM = "$VMId = ''   # between the quotes: the VM's id, as Get-VM | Select-Object Name, Id tells it\n"


class Case(Struct, frozen=True, kw_only=True):
    """`host` None: a text for no host in particular. `build` None: the Windows version was not read."""

    rule: str
    measured: str = ""
    build: int | None = None
    host: HostView | None = None
    vm: VMView | None = None
    volume: VolumeView | None = None

    @property
    def guest(self) -> GuestReading | None:
        """What the guest told somebody with access."""
        return self.vm.inside if self.vm is not None else None

    @property
    def is_2008_r2(self) -> bool:
        return self.build is not None and self.build < WindowsBuild.SERVER_2012

    @property
    def is_before_2012_r2(self) -> bool:
        return self.build is not None and self.build < WindowsBuild.SERVER_2012_R2

    @property
    def is_before_2016(self) -> bool:
        return self.build is not None and self.build < WindowsBuild.SERVER_2016

    @property
    def vm_is_clustered(self) -> bool:
        return self.vm is not None and (bool(self.vm.facts.is_clustered) or self.vm.group is not None)

    @property
    def host_is_clustered(self) -> bool:
        return self.host is not None and self.host.evidence.cluster is not None and not self.host.has_no_cluster

    @property
    def vm_id(self) -> str | Code:
        """The VM's id for `commands`; a variable where the text is for no VM in particular."""
        return Code("$VMId") if self.vm is None else self.vm.facts.vm_id.lower()

    @property
    def fetch_vm(self) -> str:
        """The lines that fetch the VM as $vm, by its id: a name may occur twice, and may hold wildcards."""
        if self.vm is None:
            # Emptied first: where the id is none, the assignment does not happen, and a console goes on with the VM
            # that an earlier fix had fetched.
            return UNKNOWN_VM + "$vm = $null\n$vm = Get-VM -Id $VMId\n"
        return commands("$vm = Get-VM -Id {vm}", vm=self.vm_id) + f"   # the VM {remark(self.vm.subject.name)}\n"

    @property
    def drive(self) -> str | Code | None:
        """The volume of the finding as an argument of a program; None where its name cannot be passed safely."""
        if self.volume is None:
            return Code("$Volume")
        facts = self.volume.facts
        return volume_argument(facts.name if facts else None, self.volume.key)

    @property
    def guest_name(self) -> str:
        """What the guest says its system is; empty where it said nothing."""
        return (self.vm.guest.os_name or "") if self.vm is not None and self.vm.guest is not None else ""

    @property
    def guest_is_linux(self) -> bool:
        if self.guest is not None and self.guest.is_windows is not None:
            return not self.guest.is_windows
        platform = self.vm.guest.os_platform if self.vm is not None and self.vm.guest is not None else None
        return bool(self.guest_name) and platform != "2" and "windows" not in self.guest_name.lower()


def case_of(host: HostView, result: Result) -> Case:
    """The case of one result, with the VM or volume that it is about."""
    return case_about(
        host, rule=result.rule, subject_type=result.subject_type, subject_id=result.subject_id, measured=result.measured
    )


def case_about(host: HostView, *, rule: str, subject_type: str, subject_id: str, measured: str | None) -> Case:
    """The case of a failure of which only this is known. A VM or volume that the host does not show is left out."""
    vm = host.vm_by_id.get(subject_id.lower()) if subject_type == Scope.VM else None
    volume = host.places.volumes.get(subject_id.lower()) if subject_type == Scope.VOLUME else None
    return Case(rule=rule, measured=measured or "", build=host.build, host=host, vm=vm, volume=volume)
