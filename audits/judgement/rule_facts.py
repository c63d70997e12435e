"""What is known about a rule beside its judgement: where it applies, how sure it is there, and what a failure does."""

from msgspec import Struct

from audits.judgement.matrix import MATRIX, Cell, Column, Effect
from audits.judgement.rule import EVERY_HOST, SERVERS, SINCE_2012_R2, SINCE_2016, UP_TO_2012, Rule
from audits.judgement.words import Confidence, HostClass, ResultWord

WINDOWS_IN_WORDS = {
    EVERY_HOST: "every Windows with Hyper-V",
    SERVERS: "every Windows Server",
    UP_TO_2012: "up to 2012",
    SINCE_2012_R2: "2012 R2 and later",
    SINCE_2016: "2016 and later",
}
CLASS_IN_WORDS = {HostClass.A: "up to 2012", HostClass.B: "2012 R2", HostClass.C: "2016 and later"}
EFFECT_IN_WORDS = {
    Effect.SAVED: "saved state",
    Effect.OFFLINE: "called offline by the writer",
    Effect.CRASH: "crash-consistent or failed",
    Effect.FAIL: "backup fails",
    Effect.NONE: "no effect",
    Effect.UNSOURCED: "no source says",
    Effect.BUSY: "ask again",
    Effect.IMPOSSIBLE: "cannot occur",
}


COLUMN_IN_WORDS = {
    Column.SERVER_2008_R2: "2008 R2",
    Column.SERVER_2012: "2012",
    Column.SERVER_2012_R2: "2012 R2",
    Column.SINCE_2016_VSS: "2016 and later, host VSS writer",
    Column.SINCE_2016_WMI: "2016 and later, Hyper-V WMI",
}

# What a failure does where the matrix has no row for it.
STANDS_BESIDE = "It stands beside the verdict: no source makes it a condition of a live backup."
WITHOUT_ROW = {
    "HOST-CAPTION": "A witness: on path vss the verdict reads the writer's word itself, so that nothing counts twice.",
    "PROOF-SAVED": "A witness: what happened stands beside the prediction and never changes it.",
    "HOST-SKU": "Client Windows has no verdict on running VMs, and this is the reason that is given.",
}


class EffectRow(Struct, frozen=True):
    """One row of the matrix about a rule. `about`: what sets it apart from the rule's own row, as `ReFS`; else ''."""

    about: str
    cells: tuple[tuple[Column, Cell], ...]


class EffectLine(Struct, frozen=True):
    """What a failure does on one Windows version and path: effect and confidence per row of the matrix."""

    where: str
    effects: tuple[tuple[str, Confidence | None], ...]


def effects_of(rule: Rule) -> list[EffectRow]:
    """The rows of the matrix about this rule; empty for one that stands beside the verdict."""
    return [
        EffectRow(name.partition("/")[2], tuple(cells.items()))
        for name, cells in MATRIX.items()
        if name.partition("/")[0] == rule.id
    ]


def confidence_of_failure(rule: Rule) -> list[tuple[str, Confidence]]:
    """How sure a failure can be at most, by class of server the rule applies to."""
    return [
        (words, rule.most_sure(ResultWord.FAIL, host_class))
        for host_class, words in CLASS_IN_WORDS.items()
        if host_class in rule.applies_to
    ]


def why_no_effect(rule: Rule) -> str:
    """One sentence for a rule without a row in the matrix."""
    return WITHOUT_ROW.get(rule.id, STANDS_BESIDE)


def effect_lines(rows: list[EffectRow]) -> list[EffectLine]:
    """The rows of the matrix turned round and put into words: a line for each column."""
    return [
        EffectLine(
            words,
            tuple(
                (EFFECT_IN_WORDS[cell.effect], None if cell.confidence is Confidence.NONE else cell.confidence)
                for row in rows
                for cell in (dict(row.cells)[column],)
            ),
        )
        for column, words in COLUMN_IN_WORDS.items()
    ]
