"""The rights levels: what an account of each can read of a host, and which rules stay unknown without the rest.

Pages, docs/rights.md and the ending of every audit follow this one table; a test audits a host at each level.
"""

from dataclasses import dataclass

from audits.judgement.rules import RULES
from audits.judgement.words import Section

# What guests say is an addition that somebody has to give access to; whatever becomes of it, the host was audited.
NEVER_MISSING = frozenset({Section.GUESTS})
# What a host that answers with an older probe, as a JEA module placed a while ago, does not know. No verdict rests on
# them, and every VM says that the log was not read (`observed` is `not_read`). Refused or broken, they are missing.
MAY_BE_UNKNOWN_TO_THE_HOST = frozenset({Section.VM_EVENTS, Section.JOBS})


@dataclass(frozen=True, slots=True)
class Loss:
    """What a level cannot read of one section. `fields` empty: all of it, so every rule that needs it is unknown.

    `rules` names the rules where single fields are lost; `in_cluster` those that are unknown on a cluster's node only.
    """

    section: Section
    why: str
    fields: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    in_cluster: frozenset[str] = frozenset()

    @property
    def unknown_rules(self) -> tuple[str, ...]:
        if self.fields:
            return self.rules
        return tuple(rule.id for rule in RULES.values() if self.section in rule.needs)


@dataclass(frozen=True, slots=True)
class Level:
    """One level. `account`: who signs in. `losses` empty: everything that the probe asks for can be read."""

    word: str
    title: str
    account: str
    losses: tuple[Loss, ...] = ()

    @property
    def expected(self) -> frozenset[Section]:
        """The sections whose absence makes an audit partial. One of which fields are lost may be missing as a whole."""
        return frozenset(Section) - NEVER_MISSING - {loss.section for loss in self.losses}

    def unknown_rules(self, *, clustered: bool) -> frozenset[str]:
        """The rules that this level leaves unknown, of those that an administrator's account answers."""
        return frozenset(
            rule for loss in self.losses for rule in loss.unknown_rules if clustered or rule not in loss.in_cluster
        )


LEVELS: dict[str, Level] = {
    level.word: level
    for level in (
        Level(
            word="administrator",
            title="Administrator",
            account="A member of the host's local group Administrators.",
        ),
        Level(
            word="jea",
            title="JEA endpoint",
            account=(
                "Any account of the group that the endpoint names. The session runs as a virtual account, which is an "
                "administrator of the host for that one function and nothing else."
            ),
        ),
        Level(
            word="hyper_v",
            title="Hyper-V Administrators and Event Log Readers",
            account=(
                "A member of the host's local groups Hyper-V Administrators, Event Log Readers and Remote Management "
                "Users, and of no more."
            ),
            losses=(
                Loss(
                    Section.SERVICES,
                    "The service manager lists its services to administrators and to people at the console. "
                    "Enable-ServerManagerStandardUserRemoting changes that.",
                ),
                Loss(
                    Section.VOLUMES,
                    "Shadow storage and its providers are shown to administrators only.",
                    fields=("shadow_storage", "shadow_providers"),
                    rules=("VOL-SHADOW", "HOST-PROVIDER"),
                ),
                Loss(
                    Section.CLUSTER,
                    "Without the service manager it is not known whether there is a cluster; the cluster itself needs "
                    "Grant-ClusterAccess -ReadOnly.",
                    in_cluster=frozenset({"VM-CLUSTER"}),
                ),
                Loss(
                    Section.WRITERS,
                    "VSS writers answer administrators and backup operators only.",
                ),
            ),
        ),
    )
}
