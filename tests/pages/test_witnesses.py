"""The witness cards of a VM: the writer's word or the reason for its silence, the conflict, and thirty nights."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.models import Verdict, VerdictInterval, WriterInterval
from audits.queries.nights import NIGHTS, Nights, nights_of
from simulator import windows
from tests import factories
from tests.audits.judged import audit_as
from tests.audits.world import a_host
from tests.pages.conftest import Estate

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 25)


def shown(owner: Client, name: str = "SQL01") -> str:
    return owner.get(reverse("vm", args=[Verdict.objects.get(name=name).pk])).content.decode()


def page_of(owner: Client, said: windows.WindowsHost) -> str:
    audit_as(a_host(), said)
    return shown(owner)


def test_the_conflict_says_that_the_cause_is_inside_the_guest(owner: Client) -> None:
    text = page_of(owner, windows.host("hv01", build=9600, vms=[windows.vm("SQL01", guest_blocks="dynamic disk")]))
    assert "every condition on the host holds: the cause is inside the guest" in text
    assert "look inside the guest" in text


def test_the_customer_is_not_told_that_we_know_a_cause_nobody_has_found(owner: Client) -> None:
    blocked = windows.vm("FILE01", guest_blocks="dynamic disk")
    audit_as(a_host(), windows.host("hv01", build=9600, vms=[blocked, windows.vm("SQL01", backup_service=False)]))
    assert "we have to look for inside the machine" in shown(owner, "FILE01")
    assert "We know what, and can change it." in shown(owner, "SQL01")


def test_the_times_of_the_event_log_name_their_zone(owner: Client) -> None:
    text = page_of(owner, windows.host("hv01", vms=[windows.vm("SQL01")]))
    assert re.search(r"No save was logged since [0-9-]+ [0-9:]+ \(UTC\)\.", text)


def test_the_conflict_names_the_rule_that_fails_while_the_writer_says_online(owner: Client) -> None:
    vm = windows.vm("SQL01", backup_service=False, caption="Online\\SQL01")
    text = page_of(owner, windows.host("hv01", build=9600, vms=[vm]))
    assert "the writer says online although VM-ISBACKUP fails" in text
    assert Verdict.objects.get().conflict


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (windows.host("hv01", vms=[windows.vm("SQL01")], caption_reading="absent"), "this Windows does not offer it"),
        (windows.host("hv01", vms=[windows.vm("SQL01")], caption_reading="refused"), "refused the read-only way"),
        (windows.host("hv01", vms=[windows.vm("SQL01")], rights="hyper_v"), "the account may not read it"),
        (windows.host("hv01", vms=[windows.vm("SQL01", busy="backup")]), "a VM is busy with a backup"),
        (windows.host("hv01", vms=[windows.vm("SQL01", caption="En ligne\\SQL01")]), "by “En ligne”"),
        (
            windows.host(
                "hv01",
                vms=[windows.vm("SQL01", listed_by_writer=False)],
                events=(windows.LoggedEvent(provider="VSS", event_id=8193, codes=("0x80070018",)),),
            ),
            "event 8193 with 0x80070018",
        ),
    ],
)
def test_the_card_says_exactly_why_there_is_no_word(owner: Client, said: windows.WindowsHost, reason: str) -> None:
    text = page_of(owner, said)
    card = text[text.index("VSS writer declares") : text.index("The event log says")]
    assert reason in card


def test_a_caption_in_another_language_is_shown_raw(owner: Client) -> None:
    text = page_of(owner, windows.host("hv01", vms=[windows.vm("SQL01", caption="オンライン\\SQL01")]))
    assert "<q>" in text and "オンライン\\SQL01" in text
    assert "No clear word" in text


def test_the_word_on_a_vm_that_is_off_means_nothing(owner: Client) -> None:
    assert "it means nothing here" in page_of(owner, windows.host("hv01", vms=[windows.vm("SQL01", state="off")]))


def test_a_hostile_caption_is_shown_escaped(owner: Client) -> None:
    text = page_of(owner, windows.host("hv01", vms=[windows.vm("SQL01", caption="<script>alert(1)</script>\\x")]))
    assert "<script>alert" not in text


@dataclass(frozen=True)
class Seen:
    saved_at: datetime
    duration_seconds: float | None


def moment(days_ago: int) -> datetime:
    return datetime(2026, 11, 25, 12, 0, tzinfo=UTC) - timedelta(days=days_ago)


def nights_with(estate: Estate, **inputs: object) -> Nights:
    """Live until ten days ago, saved state since; the writer was not read before twenty days ago."""
    vm = estate.vm
    vm.since_at, vm.writer_since_at = moment(10), moment(20)
    verdicts = [VerdictInterval(verdict="live", became="saved_state", from_at=moment(25), to_at=moment(10))]
    words = [WriterInterval(writer_says="not_read", became=vm.writer_says, from_at=moment(25), to_at=moment(20))]
    return nights_of(vm, verdicts, words, today=TODAY, **inputs)  # type: ignore[arg-type]


def test_each_night_shows_what_stood_when_it_came(estate: Estate) -> None:
    Verdict.objects.filter(pk=estate.vm.pk).update(writer_says="offline")
    estate.vm.refresh_from_db()
    nights = nights_with(estate)
    assert len(nights.nights) == NIGHTS
    by_day = {(TODAY - night.day).days: night for night in nights.nights}
    told = {
        day: (night.predicted and night.predicted.word, night.writer and night.writer.word)
        for day, night in by_day.items()
    }
    assert told[1] == ("saved_state", "offline")
    assert told[10] == ("saved_state", "offline")
    assert told[11] == ("live", "offline")
    assert told[20] == ("live", "offline")
    assert told[21] == ("live", "not_read")
    assert told[26] == (None, None)
    assert nights.known == 25


def test_the_event_logs_row_is_drawn_only_when_it_was_asked(estate: Estate) -> None:
    assert not nights_with(estate).has_log
    pause = Seen(moment(3), 41.0)
    evening, unread = TODAY - timedelta(days=3), TODAY - timedelta(days=5)
    nights = nights_with(estate, pauses={evening: [pause]}, unread_nights={unread})
    by_day = {night.day: night for night in nights.nights}
    assert (nights.has_log, nights.paused) == (True, 1)
    assert (by_day[evening].pauses, by_day[unread].is_log_read) == ((pause,), False)
    assert by_day[TODAY - timedelta(days=1)].is_log_read is True


def test_the_page_draws_thirty_nights_for_each_witness_with_a_sentence(estate: Estate, owner: Client) -> None:
    Verdict.objects.update(since_at=timezone.now() - timedelta(days=12), writer_since_at=None)
    VerdictInterval.objects.all().delete()
    text = owner.get(estate.pages["vm"]).content.decode()
    assert "We predicted, last 30 nights: nothing known 18, saved state 12." in text
    assert text.count('<svg class="nights"') == 3


def test_nights_of_another_vm_do_not_show(estate: Estate, owner: Client) -> None:
    other = factories.a_vm(estate.host, "OTHER")
    factories.it_was(other, "backup_fails", hours_ago=50)
    chart = owner.get(estate.pages["vm"]).content.decode()
    assert "backup fails" not in chart[chart.index("We predicted, last") : chart.index("The writer said, last")]
