"""The second witness against the rules: the words of the conflict, and the finding that carries them."""

from collections.abc import Iterable

from msgspec import structs

from audits.judgement.result import Result
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import Confidence, ResultWord, WriterSays

# The check about the writer's word. It reads what the writer says; whether the rules agree is known after the verdict.
WITNESS_RULE = "HOST-CAPTION"


def words_of_disagreement(writer_says: WriterSays, against: Iterable[str], unknowns: Iterable[str]) -> str:
    """One clause for sentence, finding and page. `against`: conditions that fail though the writer says online."""
    if writer_says is WriterSays.ONLINE:
        failing = list(against)
        return f"the writer says online although {_listed(failing)} {'fails' if len(failing) == 1 else 'fail'}"
    if any(rule_id.startswith("G-") for rule_id in unknowns):
        return "the writer says offline although every condition on the host holds: the cause is inside the guest"
    return "the writer says offline although every condition holds, inside the guest too: no rule explains it"


def tell_disagreements(results: list[Result], verdicts: Iterable[VMVerdict]) -> None:
    """Make the disagreement a finding of its own: the witness's result fails with the clause as its measured value.

    On path vss, whatever path is set: the finding is about the writer.
    """
    told = {verdict.vm_id: verdict.disagreement for verdict in verdicts if verdict.disagreement}
    if not told:
        return
    for place, result in enumerate(results):
        words = told.get(result.subject_id) if result.rule == WITNESS_RULE else None
        if words is not None:
            sure = Confidence.MEDIUM if result.result is ResultWord.PASS else result.confidence
            results[place] = structs.replace(
                result, result=ResultWord.FAIL, measured=words, reason=None, confidence=sure
            )


def _listed(rule_ids: list[str]) -> str:
    if len(rule_ids) < 2:
        return "".join(rule_ids)
    return f"{', '.join(rule_ids[:-1])} and {rule_ids[-1]}"
