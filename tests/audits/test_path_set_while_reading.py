"""A backup path that is set while its host is being read, over the real wire: the audit ends by the new setting."""

import asyncio
from pathlib import Path

import pytest
from django.db import connection

from audits import backup_path
from audits.models import HostAudit, Verdict
from audits.services import start_run
from fleet.models import Customer
from simulator import windows
from simulator.windows import HostSections
from tests import people
from tests.audits.estate import audit_all, entered_hosts

pytestmark = pytest.mark.django_db(transaction=True)


class SetMeanwhile(HostSections):
    """A host during whose last section somebody sets the path."""

    async def read_section(self, name: str) -> str:
        if name == "writers":
            await asyncio.to_thread(_set_to_wmi)
        return await super().read_section(name)


def _set_to_wmi() -> None:
    try:
        backup_path.set_backup_path(people.an_owner(), Customer.objects.get(), "wmi")
    finally:
        connection.close()


def test_an_audit_that_began_before_ends_by_the_new_setting(tmp_path: Path) -> None:
    said = windows.host("hv01", vms=[windows.vm("SQL01", backup_service=False)])
    with entered_hosts([said], tmp_path, SetMeanwhile):
        audit_all(start_run(None))
    verdict = Verdict.objects.get()
    assert (verdict.backup_path, verdict.verdict) == ("wmi", "crash_consistent")
    assert (HostAudit.objects.get().state, HostAudit.objects.get().attempt) == ("succeeded", 1)
