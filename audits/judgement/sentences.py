"""The verdict as one sentence that a technician can read out. "Will" is said only when that is at least likely."""

from audits.judgement.vm_verdict import VMVerdict
from audits.judgement.words import Confidence, HostClass, VerdictWord, VMState, WriterSays

HOST_SIDE_READY = "host side ready; guest not read"
NO_SOURCE = "no source says what this does here"
SET_THE_PATH = "set the backup path"


def sentence_for(verdict: VMVerdict, host_class: HostClass, *, is_unsourced: bool) -> str:
    """One line, without a full stop, so that a page can add to it."""
    sentence = _about(verdict, host_class, is_unsourced=is_unsourced)
    if verdict.conflict:
        sentence += f"; the witnesses disagree: {verdict.disagreement}"
    if verdict.depends_on_backup_path:
        sentence += f"; depends on the backup path: {SET_THE_PATH}"
    return sentence


def _about(verdict: VMVerdict, host_class: HostClass, *, is_unsourced: bool) -> str:
    is_likely = verdict.confidence in (Confidence.HIGH, Confidence.MEDIUM)
    will = "will" if is_likely else "may"
    match verdict.verdict:
        case VerdictWord.ALREADY_OFFLINE:
            state = "saved" if verdict.vm_state is VMState.SAVED else "off"
            return f"already offline: the VM is {state}, so a backup interrupts nothing"
        case VerdictWord.BACKUP_FAILS:
            return f"the backup of this VM {will} fail"
        case VerdictWord.CRASH_CONSISTENT:
            return f"the backup {will} be crash-consistent or fail, as the backup product decides"
        case VerdictWord.SAVED_STATE:
            return f"{will} be pulled offline{_about_the_label(host_class, verdict.writer_says)}"
        case VerdictWord.LIVE:
            return f"{will} stay online, application-consistent"
        case _:
            return _why_unknown(verdict, is_unsourced=is_unsourced)


def _about_the_label(host_class: HostClass, says: WriterSays) -> str:
    if host_class is HostClass.B:
        return " (suspension likely)"
    if host_class is HostClass.C:
        calls = "calls" if says is WriterSays.OFFLINE else "would call"
        return f": the writer {calls} it offline; whether it is then saved is not confirmed"
    return " into a saved state"


def _why_unknown(verdict: VMVerdict, *, is_unsourced: bool) -> str:
    if verdict.host_side_ready:
        return HOST_SIDE_READY
    if is_unsourced:
        return NO_SOURCE
    if "VM-BUSY" in verdict.causes:
        return "a backup or merge of the VM seems stuck"
    for rule_id, reason in zip(verdict.unknowns, verdict.unknown_reasons, strict=True):
        if rule_id in ("VM-RUN", "VM-BUSY"):
            return f"not known: {reason}"
    unread = {
        rule_id: reason
        for rule_id, reason in zip(verdict.unknowns, verdict.unknown_reasons, strict=True)
        if not rule_id.startswith("G-")
    }
    if len(unread) == 1:
        return f"not known: {', '.join(f'{reason} ({rule_id})' for rule_id, reason in unread.items())}"
    return f"not known: {', '.join(unread)} could not be read"
