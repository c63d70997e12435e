"""The verdict on one VM, as it is stored, shown and exported."""

from msgspec import Struct

from audits.judgement.words import Confidence, Observed, VerdictWord, VMState, WriterSays


class VMVerdict(Struct, frozen=True, kw_only=True, gc=False):
    """What the next backup does to one VM, how sure that is, why, and what would have to be read to be surer.

    `verdict_wmi` is None where that path does not exist. `unknowns` and `unknown_reasons` run in parallel.
    `observed` stands beside the prediction and never changes it; `observed_reason` says what was seen, or why nothing
    could be. `host_side_ready`: unknown only because the guest was not read. `disagreement`: how the writer's word and
    the rules contradict each other on path vss; `conflict` says that it concerns the path the verdict is for.
    """

    vm_id: str
    vm: str
    vm_state: VMState
    verdict: VerdictWord
    verdict_vss: VerdictWord
    verdict_wmi: VerdictWord | None
    confidence: Confidence
    depends_on_backup_path: bool = False
    conflict: bool = False
    disagreement: str | None = None
    writer_says: WriterSays
    observed: Observed = Observed.NOT_READ
    observed_reason: str = ""
    causes: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    unknown_reasons: tuple[str, ...] = ()
    host_side_ready: bool = False
    sentence: str
