"""Audits of described Windows hosts without a wire: sections, judgement and store are the real ones."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.utils import timezone

from audits.collect.ending import EXPECTED_SECTIONS, ending_of
from audits.collect.sections import DecodedSection, assemble, decode_section
from audits.judgement.judge import judge
from audits.judgement.words import BackupPath, Section, SectionStatus
from audits.models import AuditRun
from audits.pipeline.ends import finish_run
from audits.pipeline.finish import finish
from audits.pipeline.nights import backup_windows_of
from audits.pipeline.reading import Arrival, Reading
from audits.services import start_run
from fleet.models import Host
from simulator import windows
from tests.audits.world import claimed

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def audit_as(
    host: Host, said: windows.WindowsHost, *, failing: Collection[Section] = (), run: AuditRun | None = None
) -> AuditRun:
    """Audit the row `host` as if it had answered like `said`; the sections in `failing` end in an error."""
    run = run or start_run(None, hosts=[host])
    claim = claimed(run, host)
    arrivals = tuple(Arrival(_section(said, name, failing), timezone.now()) for name in windows.SECTIONS)
    evidence = assemble(arrival.section for arrival in arrivals)
    reading = Reading(ending_of(evidence, None, EXPECTED_SECTIONS["administrator"]), evidence, arrivals)
    judgement = None
    if reading.is_usable:
        path = BackupPath(host.effective_backup_path)
        windows_then = backup_windows_of(host, NOW)
        judgement = judge(evidence, path, host_id=str(host.id), host_name=host.name, backup_windows=windows_then)
    finish(claim, host, reading, judgement)
    finish_run(run.pk)
    run.refresh_from_db()
    return run


def _section(said: windows.WindowsHost, name: str, failing: Collection[Section]) -> DecodedSection:
    if name in failing:
        return DecodedSection(
            section=Section(name), status=SectionStatus.ERROR, probe_version="1.0.0", reason="it broke"
        )
    return decode_section(windows.encode(windows.envelope(said, name, now=NOW)))
