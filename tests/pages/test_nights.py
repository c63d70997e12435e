"""What the pages say about nights: drawn, told in a sentence and in a table, and never clean where nothing was read."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.models import Episode, HostState, Verdict
from audits.queries.log_nights import last_night
from tests import factories
from tests.pages.conftest import Estate, downloaded


@pytest.fixture
def covered(estate: Estate) -> Estate:
    """The customer has a window, and the host's log was read over the last month."""
    factories.a_schedule(estate.customer)
    cover(estate)
    return estate


def cover(estate: Estate, nights: int = 30) -> None:
    """The host's log was read without a gap since noon, so many nights ago."""
    noon = datetime.combine(timezone.now().date() - timedelta(days=nights), time(12), UTC)
    HostState.objects.filter(host=estate.host).update(
        events_from_at=noon, events_until_at=timezone.now() + timedelta(days=1)
    )


def text_of(client: Client, address: str, **filters: Any) -> str:
    return client.get(address, filters).content.decode()


def test_the_third_witness_says_how_long_and_whether_it_was_predicted(covered: Estate, owner: Client) -> None:
    Verdict.objects.update(observed="saved", observed_reason="was saved 2026-11-24 22:04:11 for 41 s")
    text = text_of(owner, covered.pages["vm"])
    assert "Paused for 41.0 s" in text
    assert "Was saved 2026-11-24 22:04:11 for 41 s (UTC)." in text
    assert "22:04:11 to 22:04:52" in text
    assert "as predicted" in text
    assert "30 of 30" in text
    assert "The event log showed, last 30 nights: no pause seen 29, paused 1." in text


def test_a_pause_that_was_not_predicted_is_a_surprise(covered: Estate, owner: Client) -> None:
    Episode.objects.update(predicted="live")
    Verdict.objects.update(observed="saved")
    text = text_of(owner, covered.pages["vm"])
    assert "A surprise" in text and "(Live)" in text


def test_a_witness_that_was_not_read_says_so_and_is_not_green(estate: Estate, owner: Client) -> None:
    Episode.objects.all().delete()
    text = text_of(owner, estate.pages["vm"])
    assert "this witness is silent" in text
    assert "The event log showed" not in text
    assert "The event log does not tell about these nights" in text_of(owner, estate.pages["host"])


def test_no_pause_seen_is_never_green(covered: Estate, owner: Client) -> None:
    Episode.objects.all().delete()
    Verdict.objects.update(observed="none_seen")
    text = text_of(owner, covered.pages["vm"])
    card = text[text.index("The event log says") - 80 : text.index("The event log says")]
    assert "v-live" not in card and "r-ok" not in card
    assert "That may also mean no backup" in text


def test_a_host_shows_seven_nights_with_a_sentence_and_a_table(covered: Estate, owner: Client) -> None:
    text = text_of(owner, covered.pages["host"])
    yesterday = timezone.now().date() - timedelta(days=1)
    assert f"VMs paused by a backup: {yesterday:%a} {yesterday.day}: 1." in text
    assert text.count('class="band"') == 7 + 1  # and the legend's
    assert f'<th scope="row">{yesterday:%a} {yesterday.day} {yesterday:%b}</th>' in text
    table = text[text.index('<caption class="sr">Seven nights') :]
    assert table[: table.index("</table>")].count("<td>read</td>") == 7


def test_nights_before_the_log_begins_are_hatched_and_counted(covered: Estate, owner: Client) -> None:
    cover(covered, nights=3)
    text = text_of(owner, covered.pages["host"])
    assert "On 4 of them the event log does not tell." in text


def test_without_a_window_the_page_offers_to_enter_it(estate: Estate, owner: Client) -> None:
    for page in ("host", "vm"):
        text = text_of(owner, estate.pages[page])
        assert "No backup window is entered for this customer." in text
        assert estate.pages["schedule"] in text


def test_the_customer_page_lists_last_nights_pauses(covered: Estate, owner: Client) -> None:
    text = text_of(owner, covered.pages["customer"])
    section = text[text.index('id="h-night"') : text.index('id="h-hosts"')]
    assert "SQL01" in section and "41.0 s" in section and "Predicted" in section
    assert "window 22:00-04:00 UTC" in section


def test_a_night_without_a_pause_is_not_called_good(covered: Estate, owner: Client) -> None:
    Episode.objects.all().delete()
    assert "No pause does not mean a live backup" in text_of(owner, covered.pages["customer"])


def test_the_fleet_says_how_many_vms_were_saved_and_leads_to_them(covered: Estate, owner: Client) -> None:
    factories.a_pause(factories.a_vm(covered.host, "WEB01"), predicted="live")
    text = text_of(owner, "/")
    assert "Last night: 2 VMs were saved" in text
    address = f"{reverse('episodes')}?kind=proof&amp;night={last_night():%Y-%m-%d}"
    assert address in text
    assert "2 episodes" in text_of(owner, reverse("episodes"), kind="proof", night=f"{last_night():%Y-%m-%d}")


def test_accuracy_counts_nights_per_vm_and_leaves_out_what_was_not_predicted(estate: Estate, owner: Client) -> None:
    vm = estate.vm
    Episode.objects.all().delete()
    for nights_ago, predicted in ((1, "saved_state"), (2, "saved_state"), (3, "live"), (4, ""), (5, "unknown")):
        factories.a_pause(vm, nights_ago=nights_ago, predicted=predicted)
    twice = Episode.objects.get(night=timezone.now().date() - timedelta(days=1))
    factories.a_pause(vm, nights_ago=1, saved_at=twice.saved_at + timedelta(hours=1))
    factories.excluded(vm, nights_ago=6)
    factories.a_pause(vm, nights_ago=45)
    text = " ".join(text_of(owner, reverse("episodes")).split())
    assert "Of 3 nights in which a backup paused a VM, 2 were predicted and 1 was a surprise" in text
    assert "2 more had no prediction" in text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"kind": "proof"}, 1),
        ({"kind": "excluded"}, 1),
        ({"kind": "open"}, 0),
        ({"prediction": "matched"}, 2),
        ({"prediction": "surprised"}, 0),
        ({"q": "sql"}, 2),
        ({"q": "nobody"}, 0),
        ({"night": "1999-01-01"}, 0),
        ({"night": "1999-13-45"}, 2),
        ({"customer": "x"}, 0),
        ({"vm": "x"}, 0),
    ],
)
def test_episodes_are_filtered_and_exported_alike(
    filters: dict[str, str], found: int, estate: Estate, owner: Client
) -> None:
    text = text_of(owner, reverse("episodes"), **filters)
    assert f"{found} episode{'' if found == 1 else 's'}" in text
    assert downloaded(owner, "saved_state_events", **filters).count(b"\r\n") == found + 1


def test_an_episode_says_what_it_was_and_on_what_grounds(estate: Estate, owner: Client) -> None:
    text = text_of(owner, reverse("episodes"))
    assert "Paused by a backup" in text and "inside the backup window" in text
    assert "Host shut down" in text and "the host was shut down" in text


def test_a_vm_that_is_gone_keeps_its_nights_without_a_link(estate: Estate, owner: Client) -> None:
    address = estate.pages["vm"]
    estate.vm.delete()
    text = text_of(owner, reverse("episodes"))
    assert "no longer there" in text and address not in text


def test_vms_are_filtered_by_what_the_event_log_says(estate: Estate, owner: Client) -> None:
    Verdict.objects.update(observed="saved")
    assert "1 VM match" in text_of(owner, reverse("vms"), observed="saved")
    assert "0 VMs match" in text_of(owner, reverse("vms"), observed="none_seen")


def test_last_night_is_yesterdays_evening_by_the_customers_clock() -> None:
    moment = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert last_night(moment, "UTC") == date(2026, 11, 24)
    assert last_night(moment, "Europe/Berlin") == date(2026, 11, 25)
