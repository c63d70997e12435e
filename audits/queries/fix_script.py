"""A host's fix script from its stored failures, and its steps in groups that a card has room for."""

from collections.abc import Iterable
from dataclasses import dataclass

from audits import access
from audits.judgement.host_script import HostScript, Step, host_script
from audits.models import HostState
from audits.queries.age import is_stale
from audits.queries.evidence import bodies
from audits.queries.surroundings import EVERY_SECTION, surroundings
from fleet.access import Viewer
from fleet.models import Host


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Steps of one fix that the script treats alike: does, or leaves to a person, with the reason."""

    title: str
    steps: list[Step]

    @property
    def kind(self) -> str:
        return self.steps[0].text.kind

    @property
    def does_it(self) -> bool:
        return self.steps[0].does_it

    @property
    def held_back(self) -> str:
        return self.steps[0].text.held_back

    @property
    def downtime(self) -> str:
        return self.steps[0].text.recipe.downtime

    @property
    def count(self) -> int:
        return len(self.steps)


def groups_of(steps: Iterable[Step]) -> list[StepGroup]:
    """In the order of the script."""
    found: dict[tuple[str, str, str], StepGroup] = {}
    for step in steps:
        key = (step.text.fix.id, step.text.variant, step.text.held_back)
        found.setdefault(key, StepGroup(step.text.fix.title, [])).steps.append(step)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class FixScriptPage:
    host: Host
    state: HostState | None
    script: HostScript

    @property
    def groups(self) -> list[StepGroup]:
        return groups_of(self.script.steps)

    @property
    def is_stale(self) -> bool:
        return is_stale(self.state)


def fix_script(viewer: Viewer, host: Host) -> FixScriptPage:
    """The script for what currently fails on the host, of host, cluster, volumes and VMs. Three queries."""
    state = access.host_states(viewer).filter(host=host).first()
    failures = access.findings(viewer).filter(host=host, result="fail").order_by("rule", "subject", "pk")
    read_at = f"{state.evidence_at:%Y-%m-%d %H:%M} UTC" if state and state.evidence_at else "a time not known"
    script = host_script(
        surroundings(host, state, bodies(state, *EVERY_SECTION)),
        failures,
        read_at=read_at,
        probe_version=state.probe_version if state else "",
    )
    return FixScriptPage(host, state, script)
