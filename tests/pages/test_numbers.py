"""What the pages count, and what they say about it."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.pages.conftest import Estate, downloaded


def _a_host_with(*verdicts: str, confidence: str = "high", cause: str = "") -> None:
    host = factories.a_host(factories.a_customer(f"Customer of {len(verdicts)}"), f"hv{len(verdicts)}.lab")
    for number, verdict in enumerate(verdicts):
        factories.a_vm(host, f"VM{number}", verdict, confidence=confidence)
    factories.was_read(host, last_outcome="unreachable" if cause else "succeeded", last_cause=cause)
    factories.count_vms(host)


def test_live_ready_counts_unknown_in_and_offline_out(owner: Client) -> None:
    _a_host_with("live", "live", "unknown", "crash_consistent", "already_offline")
    assert "2 of 4 VMs back up live." in owner.get("/").content.decode()


def test_will_be_paused_is_said_at_medium_confidence_or_more(owner: Client) -> None:
    _a_host_with("live", "saved_state", confidence="medium")
    assert "1 will be paused." in owner.get("/").content.decode()


def test_may_be_paused_is_said_at_low_confidence(owner: Client) -> None:
    _a_host_with("live", "saved_state", confidence="low")
    text = owner.get("/").content.decode()
    assert "1 may be paused." in text
    assert "will be paused" not in text


def test_stale_vms_are_left_out_and_counted_apart(owner: Client) -> None:
    _a_host_with("live", "live")
    _a_host_with("live", "live", "live", cause="connect_timed_out")
    text = owner.get("/").content.decode()
    assert "2 of 2 VMs back up live." in text
    assert "3 VMs stale, left out" in text


def test_a_stale_host_says_so_with_the_cause_and_the_next_step(owner: Client, estate: Estate) -> None:
    factories.was_read(
        estate.host,
        at=timezone.now() - timedelta(days=3),
        last_outcome="denied",
        last_cause="credential_rejected",
    )
    text = owner.get(estate.pages["host"]).content.decode()
    assert "read <time" in text and "3 days ago" in text
    assert "Sign-in rejected" in text
    assert "Check user name, password, expiry and lock-out" in text


def test_a_tile_leads_to_a_list_of_as_many_vms(owner: Client) -> None:
    _a_host_with("live", "saved_state", "saved_state")
    _a_host_with("saved_state", cause="connect_timed_out")
    assert "2 VMs match" in owner.get(reverse("vms"), {"verdict": "saved_state", "stale": "0"}).content.decode()


def test_the_biggest_win_is_the_fix_that_gains_most_vms_a_minute(owner: Client) -> None:
    host = factories.a_host(factories.a_customer())
    easy = [factories.a_vm(host, f"A{number}", "saved_state", causes=["VM-ISBACKUP"]) for number in range(3)]
    hard = factories.a_vm(host, "B", "saved_state", causes=["VM-ISBACKUP", "VM-SNAPLOC"])
    factories.was_read(host)
    factories.count_vms(host)
    factories.a_plan(host, ("VM-ISBACKUP VM-SNAPLOC", [hard]), ("VM-ISBACKUP", easy))
    text = owner.get("/").content.decode()
    assert "2 suggestions make 4 more VMs live" in text
    assert text.index("+3") < text.index("+1")
    assert "1 needs another fix too" in text


def test_got_worse_shows_the_vm_and_both_verdicts(owner: Client, estate: Estate) -> None:
    text = owner.get("/").content.decode()
    assert "1 VM worse, 0 better" in text


def test_a_filtered_list_exports_exactly_what_it_shows(owner: Client) -> None:
    _a_host_with("live", "saved_state", "unknown")
    rows = downloaded(owner, "vm_verdicts", verdict="saved_state").decode().splitlines()
    assert len(rows) == 2
    assert ",saved_state," in rows[1]


def test_the_excel_button_alone_adds_the_byte_order_mark(owner: Client, estate: Estate) -> None:
    plain = downloaded(owner, "findings")
    assert downloaded(owner, "findings", excel="1") == b"\xef\xbb\xbf" + plain


def test_the_writers_own_words_stand_beside_its_verdict(owner: Client, estate: Estate) -> None:
    assert "Offline\\SQL01" in owner.get(estate.pages["vm"]).content.decode()
