"""Every Celery task is thin: it takes ids as JSON and knows how long it may take."""

from config.celery import app


def own_tasks() -> list[str]:
    app.loader.import_default_modules()
    return [name for name in app.tasks if name.startswith(("audits.", "fleet."))]


def test_there_are_tasks_to_look_at() -> None:
    assert own_tasks()


def test_messages_are_json_and_nothing_else() -> None:
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]
