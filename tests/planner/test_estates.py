"""Every scenario of the estates: what a suggestion promises is what happens once its faults are removed."""

from collections.abc import Iterator

import pytest

from audits.judgement.planner.plan import plan_host
from audits.judgement.words import BackupPath
from simulator import estates
from simulator.estates.scenario import Host
from tests.estate.pure_audit import sections_that_arrive
from tests.planner.planned import judged, live_in
from tests.planner.repaired import repaired


def _hosts_with_paths() -> Iterator[tuple[Host, BackupPath]]:
    for name in ("demo", "rules"):
        for customer in estates.read_estate(name).customers:
            for host in customer.hosts:
                if sections_that_arrive(host):
                    yield host, BackupPath(host.backup_path or customer.backup_path)


HOSTS = list(_hosts_with_paths())
PATHS = [(host, path) for host, _ in HOSTS for path in BackupPath]


@pytest.mark.parametrize(("host", "path"), PATHS, ids=[f"{host.name}-{path}" for host, path in PATHS])
def test_each_suggestion_makes_exactly_the_promised_vms_live(host: Host, path: BackupPath) -> None:
    arrived = sections_that_arrive(host)
    judgement = judged(host.windows, path, arrived)
    plan = plan_host(judgement)
    windows, live = host.windows, live_in(judgement.verdicts)
    for suggestion in plan.suggestions:
        windows = repaired(windows, suggestion.steps)
        now_live = live_in(judged(windows, path, arrived).verdicts)
        assert now_live - live == set(suggestion.live)
        assert live <= now_live
        live = now_live


def test_the_estates_have_suggestions_of_every_size() -> None:
    plans = [plan_host(judged(host.windows, path, sections_that_arrive(host))) for host, path in HOSTS]
    suggestions = [suggestion for plan in plans for suggestion in plan.suggestions]
    assert len(suggestions) > 25
    assert {len(suggestion.live) for suggestion in suggestions} >= {1, 2, 5, 6}
    assert {step.rule for suggestion in suggestions for step in suggestion.steps} >= {"VM-ISBACKUP", "VOL-FREE"}
    assert any(plan.not_plannable for plan in plans)
