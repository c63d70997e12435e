"""Checks: every rule with how it stands, and one rule with who fails it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from audits.judgement.fixes import fix_of
from audits.judgement.fixes.generic import generic_texts
from audits.judgement.rule_facts import confidence_of_failure, effect_lines, effects_of, why_no_effect
from audits.judgement.rule_scenarios import told_scenarios
from audits.judgement.rules import RULES
from audits.judgement.sources import SOURCES
from audits.queries import checks


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "audits/checks.html",
        {"room": "checks", "checks": checks.check_list(request.user, request.GET), "chosen": request.GET},
    )


@never_cache
@require_GET
def show(request: HttpRequest, rule_id: str) -> HttpResponse:
    rule = RULES.get(rule_id)
    if rule is None:
        raise Http404(f"no check is called {rule_id}")
    effects = effects_of(rule)
    page = checks.check_page(request.user, rule, request.GET)
    fix = fix_of(rule.id, rule.fix)
    return render(
        request,
        "audits/check.html",
        {
            "room": "checks",
            "rule": rule,
            "check": page.line,
            "sources": [(key, SOURCES[key]) for key in rule.sources],
            "fix_texts": generic_texts(fix, rule) if fix else [],
            "findings": page.findings,
            "sureness": confidence_of_failure(rule),
            "effects": effects,
            "why_no_effect": why_no_effect(rule),
            "effect_lines": effect_lines(effects),
            "scenarios": told_scenarios().get(rule.id, ()),
            "chosen_result": request.GET.get("result", "fail"),
        },
    )
