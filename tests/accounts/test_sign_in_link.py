"""The one-time link from the console: seen by a GET, used by one POST, dead after 15 minutes."""

import io

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from fleet.accounts.models import SIGN_IN_LINK_LIFETIME, SignInLink, User
from tests.people import an_owner

pytestmark = pytest.mark.django_db


def a_link(*arguments: str) -> str:
    out = io.StringIO()
    call_command("sign_in_link", *arguments, stdout=out)
    return out.getvalue().strip()


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def test_the_first_link_makes_the_owner_who_sees_everything() -> None:
    a_link()
    owner = User.objects.get()
    assert owner.is_staff and owner.is_superuser and not owner.has_usable_password()


def test_looking_at_the_link_does_not_use_it_up(client: Client) -> None:
    path = path_of(a_link())
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_post_signs_in_once_and_a_second_use_is_refused(client: Client) -> None:
    path = path_of(a_link())
    assert client.post(path).status_code == 302
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert Client().post(path).status_code == 410


def test_a_link_dies_after_its_time(client: Client) -> None:
    path = path_of(a_link())
    with time_machine.travel(timezone.now() + SIGN_IN_LINK_LIFETIME, tick=False):
        assert client.get(path).status_code == 410
        assert client.post(path).status_code == 410


def test_a_newer_link_ends_the_older_one(client: Client) -> None:
    older = path_of(a_link())
    a_link()
    assert client.post(older).status_code == 410


def test_a_dismissed_persons_link_does_not_let_in(client: Client) -> None:
    owner = an_owner()
    path = path_of(a_link("--username", "jana"))
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.post(path).status_code == 410


def test_the_database_holds_no_token() -> None:
    token = a_link().rsplit("/", 1)[1]
    assert token not in SignInLink.objects.get().token_hash


def test_an_unknown_person_is_refused_with_the_known_ones() -> None:
    an_owner()
    with pytest.raises(CommandError, match="jana") as caught:
        a_link("--username", "nobody")
    assert caught.value.returncode == 2


def test_made_up_tokens_are_refused(client: Client) -> None:
    assert client.post("/sign-in/link/made-up").status_code == 410
