"""What no source confirms: a mark in a rule's metadata, and how sure a result can be while it stands."""

from msgspec import Struct

from audits.judgement.words import Confidence, HostClass, ResultWord

FAILURES = frozenset({ResultWord.FAIL})
PASSES = frozenset({ResultWord.PASS})
BOTH = FAILURES | PASSES
# A mark about the fix, or about a threshold that only words the result: it makes no result less sure.
NOTHING: frozenset[ResultWord] = frozenset()


class Unconfirmed(Struct, frozen=True):
    """`what`: one sentence. `on`: the host classes it is about; empty: every class the rule applies to.

    `weakens`: the results that rest on it. `at_most`: how sure they are then; low where no source speaks, medium
    where sources contradict each other or only one of them does.
    """

    what: str
    on: frozenset[HostClass] = frozenset()
    weakens: frozenset[ResultWord] = FAILURES
    at_most: Confidence = Confidence.LOW

    def is_about(self, host_class: HostClass) -> bool:
        return not self.on or host_class in self.on


A, B, C = (frozenset({host_class}) for host_class in (HostClass.A, HostClass.B, HostClass.C))
SINCE_2012_R2 = B | C

# The marks that every condition of a live backup shares, because they are about what the writer's word leads to.
OFFLINE_ON_2012_R2 = Unconfirmed(
    "On 2012 R2: whether a VM that the writer calls offline is really saved; two sources say yes, one says no "
    "(question Q1 of docs/capture-kit.md).",
    B,
    at_most=Confidence.MEDIUM,
)
OFFLINE_SINCE_2016 = Unconfirmed(
    "Since 2016, through the host's VSS writer: whether a VM that the writer calls offline is really saved "
    "(question Q1 of docs/capture-kit.md).",
    C,
)
OFFLINE_LABEL = (OFFLINE_ON_2012_R2, OFFLINE_SINCE_2016)
