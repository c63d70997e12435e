"""What a fix is made of: its price for planning, and its recipes, one for each situation that it is meant for."""

from collections.abc import Callable
from enum import IntEnum, StrEnum

from msgspec import Struct

from audits.judgement.fixes.case import Case
from audits.judgement.rule import EVERY_HOST
from audits.judgement.words import HostClass


class Risk(StrEnum):
    """What may go wrong: low, nothing is lost; medium, copies or a service are; high, data or the way back may be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Where(StrEnum):
    """Where the commands are run."""

    HOST = "on the host"
    GUEST = "in the guest"
    FILE_SERVER = "on the file server"


class Shell(StrEnum):
    POWERSHELL = "PowerShell, as administrator"
    LINUX = "a shell, as a user with sudo"


class Phase(IntEnum):
    """The order of a host's fixes: what others depend on comes first, what cannot be undone last."""

    SERVICES = 1
    WRITER = 2
    CLUSTER = 3
    ROOM = 4
    CHECKPOINTS = 5  # before the folder of checkpoints moves
    SETTINGS = 6
    MERGE = 7  # with the VM off from here on; before disks are converted
    CONTROLLERS = 8
    DISKS = 9
    VERSION = 10
    GUEST = 11
    ELSEWHERE = 12
    CLUSTER_LEVEL = 13


class Choice(Struct, frozen=True):
    """A value that only the reader knows: a variable of the commands, empty until it is filled in."""

    name: str  # without the dollar sign
    meaning: str


class Recipe(Struct, frozen=True, kw_only=True):
    """One way out of one situation, filled in. Every word in it may hold what a host said: escape when shown.

    `commands` leave out what they have in common: fetching the VM as $vm, shutting it down and starting it where
    `vm_off` is set, and asking for the choices without which they do nothing. `done_already` is a PowerShell condition
    on the host. `verify` only reads; `done_when` says which answer means done. `way_back` is never empty; `undo` are
    its commands, where there are any.
    """

    phase: Phase
    by_hand: tuple[str, ...]
    verify: str
    done_when: str
    way_back: str
    look_first: str = ""  # commands that tell what to choose
    choose: tuple[Choice, ...] = ()
    commands: str = ""
    no_commands: str = ""  # why there are none
    where: Where = Where.HOST
    verify_where: Where | None = None  # None: where the commands run
    shell: Shell = Shell.POWERSHELL
    needs_hyper_v_module: bool = False
    vm_off: bool = False
    downtime: str = ""  # what stands still for how long; empty: nothing
    irreversible: str = ""  # what cannot be undone; empty: nothing
    only_looks: bool = False  # the commands change nothing
    held_back: str = ""  # why a script for the whole host leaves it to a person
    changes_configuration: bool = False  # a cluster has to read the VM's configuration again
    done_already: str = ""
    undo: str = ""
    caveats: tuple[str, ...] = ()


class Variant(Struct, frozen=True, kw_only=True):
    """A situation that a fix has a recipe for. `when` looks at the finding; the first variant that fits is taken."""

    name: str
    rules: tuple[str, ...]
    write: Callable[[Case], Recipe]
    when: Callable[[Case], bool] = lambda case: True
    classes: frozenset[HostClass] = EVERY_HOST


class Fix(Struct, frozen=True, kw_only=True):
    """`why`: one sentence. `needs_downtime`: some variant has the VM, or its guest, off or restarted.

    `effort_minutes` is a technician's estimate of the work, without waiting times. `caveat`: what to mind most.
    """

    id: str
    title: str
    why: str
    needs_downtime: bool = False
    effort_minutes: int
    risk: Risk = Risk.LOW
    caveat: str
    variants: tuple[Variant, ...]

    def variant_for(self, case: Case) -> Variant | None:
        """The first variant that is meant for this rule and finding."""
        for variant in self.variants:
            if case.rule in variant.rules and variant.when(case):
                return variant
        return None
