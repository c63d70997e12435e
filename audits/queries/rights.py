"""The table of rights levels as its page shows it: one line for each section, one cell for each level."""

from dataclasses import dataclass

from audits.collect.probes import PROBE_VERSION
from audits.collect.rights import LEVELS, NEVER_MISSING, Level, Loss
from audits.judgement.words import Section
from audits.models import HostState, Trigger
from fleet.models import Host, RightsLevel


@dataclass(frozen=True, slots=True)
class Cell:
    """What one level reads of one section. `loss` None: all of it."""

    level: Level
    loss: Loss | None

    @property
    def word(self) -> str:
        if self.loss is None:
            return "all"
        return "part" if self.loss.fields else "nothing"


@dataclass(frozen=True, slots=True)
class Line:
    section: Section
    cells: tuple[Cell, ...]
    is_extra: bool  # needs access of its own, whatever the level


def lines() -> list[Line]:
    return [
        Line(
            section,
            tuple(
                Cell(level, next((loss for loss in level.losses if loss.section is section), None))
                for level in LEVELS.values()
            ),
            section in NEVER_MISSING,
        )
        for section in Section
    ]


def other_module_version(host: Host, state: HostState | None) -> str:
    """The version of the JEA module on the host, where it is not the probe's here; else empty.

    Costs a query unless `state.evidence_run` is in hand: what was uploaded was read by another script.
    """
    if host.rights_level != RightsLevel.JEA or state is None or state.probe_version in ("", PROBE_VERSION):
        return ""
    was_uploaded = state.evidence_run is not None and state.evidence_run.trigger == Trigger.UPLOADED
    return "" if was_uploaded else state.probe_version
