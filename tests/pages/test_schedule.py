"""The schedule's page: what comes next, entered by who may, refused in words."""

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Schedule
from fleet.models import Membership, TrailEntry
from tests import factories, people
from tests.pages.conftest import Estate, signed_in

ENTERED = {
    "window_begins": "22:00",
    "window_ends": "04:00",
    "time_zone": "europe/berlin",
    "weekdays": ["1", "5"],
    "audit_before_minutes": "60",
    "harvest_after_minutes": "15",
    "is_enabled": "on",
}


def test_an_empty_page_says_what_a_window_is_for(estate: Estate, owner: Client) -> None:
    text = owner.get(estate.pages["schedule"]).content.decode()
    assert "No backup window is entered, so nothing starts by itself" in text
    assert 'value="22:00"' in text


def test_what_is_entered_is_saved_and_the_next_two_audits_are_shown(estate: Estate, owner: Client) -> None:
    answer = owner.post(estate.pages["schedule"], ENTERED, follow=True)
    text = answer.content.decode()
    assert "The schedule is saved." in text
    schedule = Schedule.objects.get(customer=estate.customer)
    assert (str(schedule), schedule.weekdays) == ("22:00-04:00 Europe/Berlin", [1, 5])
    told = [f"<b>{schedule.timetable.in_words(moment.at)}</b>" for moment in schedule.next_moments(2)]
    assert len(told) == 2 and all(words in text for words in told)
    assert TrailEntry.objects.get(action="schedule created").actor_name == "jana"


def test_an_operator_may_change_it_and_a_viewer_sees_it_only(estate: Estate) -> None:
    factories.a_schedule(estate.customer)
    operator = signed_in(people.a_colleague(estate.customer))
    assert operator.post(estate.pages["schedule"], ENTERED).status_code == 302
    viewer = signed_in(people.a_colleague(estate.customer, username="vera", role=Membership.Role.VIEWER))
    text = viewer.get(estate.pages["schedule"]).content.decode()
    assert "needs the operator role" in text and '<form class="timetable"' not in text
    assert viewer.post(estate.pages["schedule"], ENTERED | {"time_zone": "UTC"}).status_code == 403
    assert Schedule.objects.get().time_zone == "Europe/Berlin"


def test_a_stranger_can_neither_look_nor_change(estate: Estate, stranger: Client) -> None:
    assert stranger.get(estate.pages["schedule"]).status_code == 404
    assert stranger.post(estate.pages["schedule"], ENTERED).status_code == 404
    assert not Schedule.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"time_zone": "Berlin"}, "did you mean Europe/Berlin"),
        ({"weekdays": []}, "Choose at least one night."),
        ({"window_ends": "22:00"}, "must be shorter than a day"),
        ({"window_begins": "25:00"}, "Begins: Enter a valid time."),
        ({"audit_before_minutes": "9999"}, "less than or equal to 720"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    change: dict[str, object], said: str, estate: Estate, owner: Client
) -> None:
    answer = owner.post(estate.pages["schedule"], ENTERED | change)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing was saved." in text and said in text
    assert not Schedule.objects.exists()


def test_what_was_entered_stands_in_the_form_after_a_refusal(estate: Estate, owner: Client) -> None:
    text = owner.post(estate.pages["schedule"], ENTERED | {"time_zone": "<b>Mars</b>"}).content.decode()
    assert 'value="&lt;b&gt;Mars&lt;/b&gt;"' in text
    assert text.count(" checked>") == 3


def test_what_the_server_left_out_is_said(estate: Estate, owner: Client) -> None:
    factories.a_schedule(estate.customer, note="The audit due at 2026-11-25 21:00 UTC was left out.")
    assert "was left out." in owner.get(estate.pages["schedule"]).content.decode()


def test_a_schedule_that_is_off_says_that_its_window_still_counts(estate: Estate, owner: Client) -> None:
    factories.a_schedule(estate.customer, is_enabled=False)
    assert "Its window still tells which pauses" in owner.get(estate.pages["schedule"]).content.decode()


def test_the_fleet_and_the_list_of_customers_say_when_the_next_audit_comes(estate: Estate, owner: Client) -> None:
    assert "next <time" not in owner.get("/").content.decode()
    factories.a_schedule(estate.customer)
    for page in ("/", reverse("customers")):
        assert "next <time" in owner.get(page).content.decode()
