"""The scenarios of PROOF-SAVED: it fails on proof, and on everything else it does not know."""

from audits.judgement.words import Section, Severity
from tests.judgement.hosts import healthy_host, without
from tests.judgement.life import backup_ended, backup_started, host_that_logged, nine_seconds, saved
from tests.judgement.scenarios import Scenario, scenario

BACKED_UP = (backup_started("22:00:40"), backup_ended("22:41:00"))

PROOF_SCENARIOS: tuple[Scenario, ...] = (
    scenario(
        "PROOF-SAVED",
        "saved while a backup ran",
        host_that_logged(*BACKED_UP, *nine_seconds()),
        "fail",
        "was saved 2026-11-20 22:01:13 for 9 s",
        severity=Severity.CRITICAL,
    ),
    scenario("PROOF-SAVED", "nothing logged is no pass", healthy_host(), "unknown", "no save was logged"),
    scenario("PROOF-SAVED", "a save by hand", host_that_logged(*nine_seconds()), "unknown", "no backup window is set"),
    scenario("PROOF-SAVED", "not restored", host_that_logged(*BACKED_UP, saved("22:01:13")), "unknown", "not restored"),
    scenario("PROOF-SAVED", "missing", without(healthy_host(), Section.VM_EVENTS), "unknown", "no rights"),
)
