"""Hosts in German, French and Japanese over the wire: the same results as in English, as no localised word is read."""

from pathlib import Path
from typing import Any

import pytest

from audits.models import EvidenceDocument, HostAudit, Result, Verdict
from audits.services import start_run
from simulator import windows
from simulator.windows.host import Language
from tests.audits.estate import audit_all, entered_hosts

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES: tuple[Language, ...] = ("en-US", "de-DE", "fr-FR", "ja-JP")
# What stands before the name in a caption: the English word, and what a translation might look like.
OFFLINE = {"en-US": "Offline", "de-DE": "Offline", "fr-FR": "Hors connexion", "ja-JP": "オフライン"}


def said(language: Language, *, translated: bool) -> windows.WindowsHost:
    """A host with a failed writer, a VM that misses a condition, and one in which nothing fails."""
    word = OFFLINE[language] if translated else "Offline"
    vms = [
        windows.vm("SQL01", backup_service=False, caption=f"{word}\\SQL01"),
        windows.vm("Büro・事務", caption=None if not translated else f"{word}\\x"),
    ]
    return windows.host(f"hv-{language.lower()}", language=language, vms=vms, writers={"System Writer": 9})


def results_of(host: str) -> set[tuple[Any, ...]]:
    """Every result without the text that names a thing."""
    rows = Result.objects.filter(host__name=host).exclude(subject_type="volume")
    return {
        (row.rule, row.subject_type, row.subject if row.subject_type == "vm" else "", row.result, row.severity)
        for row in rows
    }


def verdicts_of(host: str) -> dict[str, tuple[str, str, str]]:
    rows = Verdict.objects.filter(host__name=host)
    return {row.name: (row.verdict, row.confidence, row.writer_says) for row in rows}


def test_a_host_in_another_language_has_the_results_of_an_english_one(tmp_path: Path) -> None:
    with entered_hosts([said(language, translated=False) for language in LANGUAGES], tmp_path):
        audit_all(start_run(None))
    assert set(HostAudit.objects.values_list("state", "detail")) == {("succeeded", "")}
    english_results, english_verdicts = results_of("hv-en-us"), verdicts_of("hv-en-us")
    assert any(word == "fail" for *_, word, _ in english_results)
    assert english_verdicts["Büro・事務"][2] == "online"
    for language in LANGUAGES[1:]:
        assert results_of(f"hv-{language.lower()}") == english_results, language
        assert verdicts_of(f"hv-{language.lower()}") == english_verdicts, language


def test_a_translated_caption_is_unknown_with_its_raw_text_kept(tmp_path: Path) -> None:
    with entered_hosts([said(language, translated=True) for language in LANGUAGES], tmp_path):
        audit_all(start_run(None))
    for language in ("fr-FR", "ja-JP"):
        host = f"hv-{language.lower()}"
        assert {says for *_, says in verdicts_of(host).values()} == {"unknown"}
        reason = Result.objects.get(host__name=host, rule="HOST-CAPTION", subject="SQL01").reason
        assert OFFLINE[language] in (reason or "")
    captions = {
        component["caption"]
        for body in EvidenceDocument.objects.filter(section="writers").values_list("body", flat=True)
        for component in body["components"]
    }
    assert {"Hors connexion\\SQL01", "オフライン\\SQL01", "Offline\\SQL01"} <= captions
