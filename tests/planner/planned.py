"""A described Windows host, judged and planned without a wire."""

from audits.judgement.judge import Judgement, judge
from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import BackupPath, VerdictWord
from simulator import windows
from simulator.windows import WindowsHost
from tests.estate.pure_audit import evidence_of


def judged(host: WindowsHost, path: BackupPath, arrived: tuple[str, ...] = windows.SECTIONS) -> Judgement:
    judgement = judge(evidence_of(host, arrived), path, host_id="host", host_name=host.name)
    assert not judgement.crashes
    return judgement


def live_in(verdicts: list[VMVerdict]) -> set[str]:
    return {verdict.vm_id for verdict in verdicts if verdict.verdict is VerdictWord.LIVE}
