"""Fixes as pages show them: written for one stored result of one host. Never run by this product."""

from audits.judgement.fixes import FixText, alternative, case_about, fix_of, write
from audits.judgement.rules import RULES
from audits.judgement.view import HostView
from audits.judgement.words import Scope
from audits.models import Result, Verdict


def fix_text(view: HostView, result: Result) -> FixText | None:
    """What to do about the result; None where its rule has no fix."""
    return _written(view, result.rule, result.fix, result.subject_type, result.subject_id, result.measured)


def fix_text_of_cause(view: HostView, rule_id: str, result: Result | None, verdict: Verdict) -> FixText | None:
    """What to do about a cause of a verdict, also where its result is not stored (any more)."""
    if result is not None:
        return fix_text(view, result)
    return _written(view, rule_id, None, Scope.VM, verdict.virtual_machine.guid, None)


def exclusion_text(view: HostView, verdict: Verdict) -> FixText:
    """The way out for a VM that cannot be made ready."""
    guid = verdict.virtual_machine.guid
    return alternative(case_about(view, rule="", subject_type=Scope.VM, subject_id=guid, measured=None))


def _written(
    view: HostView, rule_id: str, fix_id: str | None, subject_type: str, subject_id: str, measured: str | None
) -> FixText | None:
    rule = RULES.get(rule_id)
    fix = fix_of(rule_id, fix_id or (rule.fix if rule else None))
    if fix is None:
        return None
    case = case_about(view, rule=rule_id, subject_type=subject_type, subject_id=subject_id, measured=measured)
    return write(fix, case)
