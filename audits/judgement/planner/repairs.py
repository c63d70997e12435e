"""What can be mended: for each failed condition of a host the step that makes it pass, its price, and what else it
mends."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from audits.judgement.catalogue import POSITION
from audits.judgement.chains import ChainState
from audits.judgement.fixes import Fix, Risk, case_of, fix_of
from audits.judgement.matrix import MATRIX
from audits.judgement.result import Result
from audits.judgement.rules import RULES
from audits.judgement.view import HostView, VMView
from audits.judgement.vm_state import DISK_SPACE_LOW
from audits.judgement.words import HostClass, ResultWord, Scope

# A rule and the id of its subject: one thing that fails.
type_of_failure = tuple[str, str]

# Failures for which no work on this host or VM is a repair: another guest system, or a younger host, is. VHD sets,
# which replace a shared VHDX, begin with 2016.
BEYOND_REPAIR = frozenset({"VM-GUESTOS"})
BEYOND_REPAIR_ON = frozenset({("VM-SHARED", HostClass.B)})
# One repair that ends a second failure of the same subject, so that the second needs no step of its own. The service
# in the guest cannot answer while it is disabled or its daemon is missing; the Hyper-V writer lives in vmms.
ALSO_MENDS: dict[str, str] = {"G-VMICVSS": "VM-ISSTATE", "G-LINUX": "VM-ISSTATE", "HOST-VMMS": "HOST-WRITER"}


class Price(Struct, frozen=True):
    """What one step costs: minutes of work without waiting, whether a VM has to be off, and what may go wrong.

    `irreversible` says what cannot be undone; empty: nothing.
    """

    title: str
    minutes: int
    needs_downtime: bool
    risk: Risk
    caveat: str
    irreversible: str = ""


def price_of_rule(rule_id: str) -> Price | None:
    """The price of mending a rule's failure wherever it is; None where nobody knows a repair."""
    rule = RULES.get(rule_id)
    fix = fix_of(rule_id, rule.fix) if rule else None
    return None if fix is None or rule_id in BEYOND_REPAIR else _priced(fix, fix.needs_downtime, "")


def _price_of(host: HostView, result: Result) -> Price | None:
    """The price of mending this failure on this host, as the fix's own recipe for the case tells it."""
    if result.rule in BEYOND_REPAIR or (result.rule, host.host_class) in BEYOND_REPAIR_ON:
        return None
    fix = fix_of(result.rule, result.fix)
    case = case_of(host, result)
    variant = fix.variant_for(case) if fix else None
    if fix is None or variant is None:
        return None
    recipe = variant.write(case)
    is_off = result.subject_type is Scope.VM and bool(recipe.vm_off or recipe.downtime)
    return _priced(fix, is_off, recipe.irreversible)


def _priced(fix: Fix, needs_downtime: bool, irreversible: str) -> Price:
    return Price(fix.title, fix.effort_minutes, needs_downtime, fix.risk, fix.caveat, irreversible)


class Step(Struct, frozen=True):
    """One fix applied to one target: afterwards `rule` no longer fails for the subject, nor does anything in `mends`.

    `subject` names the target, or the VMs that share it. `subject_type` vm covers the guest too: the rule says which.
    """

    rule: str
    subject_type: Scope
    subject_id: str
    subject: str
    price: Price
    mends: tuple[type_of_failure, ...]

    @property
    def kind(self) -> str:
        """What is ticked as one: a fix for all its VMs, but each volume and the host by itself."""
        return self.rule if self.subject_type is Scope.VM else f"{self.rule}@{self.subject_id}"

    @property
    def order(self) -> tuple[int, str]:
        return POSITION[self.rule], self.subject_id


def steps_by_failure(host: HostView, results: Iterable[Result]) -> Mapping[type_of_failure, Step]:
    """The step for every failed condition that can be mended; failures that one repair ends have one step.

    A failure that is only a note, or that no row of the matrix speaks of, keeps no VM from being live and has none;
    nor has one that moving the checkpoint folder does not mend, because the disks lie on several volumes.
    """
    failing = {
        (result.rule, result.subject_id): result
        for result in results
        if result.result is ResultWord.FAIL and not result.is_note and (result.row or result.rule) in MATRIX
    }
    for vm in host.vms:
        if _lies_on_several_volumes(host, vm):
            failing.pop(("VM-SNAPLOC", vm.subject.id), None)
    owner_of = _owners(host, failing)
    mended_by: dict[type_of_failure, list[type_of_failure]] = {}
    for failure in sorted(failing):
        mended_by.setdefault(_root(owner_of, failure), []).append(failure)
    steps: dict[type_of_failure, Step] = {}
    for first, mends in mended_by.items():
        result = failing[first]
        price = _price_of(host, result)
        if price is not None:
            alike = [failing[failure].subject for failure in mends if failure[0] == result.rule]
            step = Step(
                result.rule, result.subject_type, result.subject_id, ", ".join(sorted(alike)), price, tuple(mends)
            )
            steps.update(dict.fromkeys(mends, step))
    return steps


def _root(owner_of: Mapping[type_of_failure, type_of_failure], failure: type_of_failure) -> type_of_failure:
    while failure in owner_of:
        failure = owner_of[failure]
    return failure


def _owners(host: HostView, failing: Mapping[type_of_failure, Result]) -> dict[type_of_failure, type_of_failure]:
    """The failures that end together with another one, and which; following it leads to one that stands alone."""
    owners = {
        (also, subject_id): (rule_id, subject_id)
        for rule_id, subject_id in failing
        if (also := ALSO_MENDS.get(rule_id)) is not None and (also, subject_id) in failing
    }

    def end_together(failures: list[type_of_failure]) -> None:
        first, *others = sorted({_root(owners, failure) for failure in failures})
        owners.update(dict.fromkeys(others, first))

    first_at: dict[tuple[str, str], type_of_failure] = {}
    for vm in sorted(host.vms, key=lambda vm: vm.subject.id):
        # Hyper-V says that some disk of the VM is short of room, and not on which volume: all of them are suspected,
        # and room answers for the VM and for them.
        statuses = vm.facts.operational_status
        if ("VM-STORAGE", vm.subject.id) in failing and statuses and statuses[0] == DISK_SPACE_LOW:
            full = [room for volume in vm.volumes if (room := ("VOL-FREE", volume.subject.id)) in failing]
            if full:
                end_together(full)
                owners["VM-STORAGE", vm.subject.id] = _root(owners, full[0])
        # Several VMs may hang on one file: it is mended once.
        for rule_id, file_of in (("VM-SHARED", _shared_disk), ("VM-CHAIN", _missing_file)):
            failure = (rule_id, vm.subject.id)
            if failure in failing and (file := file_of(host, vm)) is not None:
                end_together([first_at.setdefault((rule_id, file.lower()), failure), failure])
    return owners


def _lies_on_several_volumes(host: HostView, vm: VMView) -> bool:
    """Then no checkpoint folder is beside all of its disks."""
    volumes = (host.places.of(disk.path or "").volume for disk in vm.disks or ())
    return len({volume.key for volume in volumes if volume is not None}) > 1


def _shared_disk(host: HostView, vm: VMView) -> str | None:
    return next((disk.path for disk in vm.disks or () if disk.persistent_reservations), None)


def _missing_file(host: HostView, vm: VMView) -> str | None:
    chains = (host.chains.of(disk.path or "") for disk in vm.disks or ())
    return next((chain.why for chain in chains if chain.state is ChainState.BROKEN), None)
