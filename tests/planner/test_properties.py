"""What holds of every plan, tried on hosts with any mixture of faults."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from audits.judgement.matrix import GUEST_OS_CONDITION
from audits.judgement.planner.plan import HostPlan, plan_host
from audits.judgement.planner.repairs import Step
from audits.judgement.planner.what_if import WhatIf
from audits.judgement.words import BackupPath, VerdictWord
from simulator.windows import WindowsHost
from tests.planner.planned import judged, live_in
from tests.planner.random_hosts import PATHS, busy_hosts, hosts
from tests.planner.repaired import repaired

ANY_HOST = st.one_of(hosts(), busy_hosts())
# Reading and judging a host takes milliseconds, on a busy machine more; the number of tries bounds the test.
tried = settings(max_examples=120, deadline=None)


@tried
@given(hosts(), PATHS)
def test_a_suggestion_changes_exactly_the_promised_vms_on_the_repaired_host(
    host: WindowsHost, path: BackupPath
) -> None:
    judgement = judged(host, path)
    live = live_in(judgement.verdicts)
    for suggestion in plan_host(judgement).suggestions:
        host = repaired(host, suggestion.steps)
        now_live = live_in(judged(host, path).verdicts)
        assert now_live == live | set(suggestion.live)
        assert not live & set(suggestion.live)
        live = now_live


def _steps(plan: HostPlan) -> list[Step]:
    return list(dict.fromkeys(step for suggestion in plan.suggestions for step in suggestion.steps))


@tried
@given(ANY_HOST, PATHS)
def test_no_smaller_part_of_the_steps_keeps_the_promise(host: WindowsHost, path: BackupPath) -> None:
    judgement = judged(host, path)
    what_if = WhatIf(judgement.host, judgement.results, path)
    done: list[Step] = []
    for suggestion in plan_host(judgement).suggestions:
        for left_out in suggestion.steps:
            steps = [*done, *(step for step in suggestion.steps if step != left_out)]
            live = live_in([outcome.verdict for outcome in what_if.all(steps)])
            assert not set(suggestion.live) <= live
        done += suggestion.steps


@tried
@given(ANY_HOST, PATHS)
def test_what_cannot_be_known_is_never_promised(host: WindowsHost, path: BackupPath) -> None:
    judgement = judged(host, path)
    plan = plan_host(judgement)
    what_if = WhatIf(judgement.host, judgement.results, path)
    vms = {vm.subject.id: vm for vm in judgement.host.vms}
    for need in plan.needs:
        after = what_if.one(vms[need.vm_id], need.steps).verdict
        assert after.verdict is VerdictWord.LIVE
        assert not [rule for rule in after.unknowns if not rule.startswith("G-") and rule != GUEST_OS_CONDITION]
    for other in plan.not_plannable:
        assert what_if.one(vms[other.vm_id], _steps(plan)).verdict.verdict is not VerdictWord.LIVE
        assert other.why


@tried
@given(ANY_HOST, PATHS)
def test_every_vm_that_is_not_live_is_either_planned_or_said_not_to_be(host: WindowsHost, path: BackupPath) -> None:
    judgement = judged(host, path)
    plan = plan_host(judgement)
    promised = [vm_id for suggestion in plan.suggestions for vm_id in suggestion.live]
    left = [other.vm_id for other in plan.not_plannable]
    settled = (VerdictWord.LIVE, VerdictWord.ALREADY_OFFLINE)
    assert sorted(promised + left) == sorted(
        verdict.vm_id for verdict in judgement.verdicts if verdict.verdict not in settled
    )


@tried
@given(ANY_HOST, PATHS, st.randoms(use_true_random=False))
def test_the_order_of_what_was_read_does_not_matter(host: WindowsHost, path: BackupPath, order: random.Random) -> None:
    judgement = judged(host, path)
    results, verdicts = list(judgement.results), list(judgement.verdicts)
    order.shuffle(results)
    order.shuffle(verdicts)
    assert plan_host(structs.replace(judgement, results=results, verdicts=verdicts)) == plan_host(judgement)


@tried
@given(hosts(), PATHS)
def test_a_plan_that_was_carried_out_leaves_only_what_it_could_not_plan(host: WindowsHost, path: BackupPath) -> None:
    """A writer that is back may tell of such a VM what nobody knew before, so that it can be planned now."""
    first = plan_host(judged(host, path))
    again = plan_host(judged(repaired(host, _steps(first)), path))
    planned_now = {vm_id for suggestion in again.suggestions for vm_id in suggestion.live}
    left = {other.vm_id for other in again.not_plannable}
    assert planned_now | left == {other.vm_id for other in first.not_plannable}


@tried
@given(ANY_HOST, PATHS)
def test_no_suggestion_gains_more_a_minute_than_the_one_before_it(host: WindowsHost, path: BackupPath) -> None:
    gains = [len(each.live) / each.minutes for each in plan_host(judged(host, path)).suggestions]
    assert gains == sorted(gains, reverse=True)
