"""Light, dark or system: remembered in a cookie and written into the page by the server."""

from django.test import Client


def test_the_choice_is_in_the_next_page(owner: Client) -> None:
    answer = owner.post("/appearance/", {"appearance": "dark", "next": "/checks/"})
    assert answer.headers["Location"] == "/checks/"
    assert '<html lang="en" data-theme="dark">' in owner.get("/checks/").content.decode()


def test_the_system_decides_when_nothing_was_chosen(owner: Client) -> None:
    assert '<html lang="en">' in owner.get("/checks/").content.decode()


def test_another_site_is_no_way_back(owner: Client) -> None:
    answer = owner.post("/appearance/", {"appearance": "dark", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_forged_cookie_is_not_written_into_the_page(owner: Client) -> None:
    owner.cookies["appearance"] = '"><script>'
    assert "<script>" not in owner.get("/checks/").content.decode().split("<head>")[0]
