"""Why the Hyper-V VSS writer has no clear word on a VM: the exact reason, in words that say what to look at."""

from collections import Counter

from audits.judgement.evidence.writers import HYPER_V_WRITER, Component
from audits.judgement.moments import moment_of
from audits.judgement.view import HostView, VMView
from audits.judgement.witnesses import says_in
from audits.judgement.words import Section, VMState, WriterSays

# VSS 8193 with this code: the writers' metadata grew beyond what one XML document may hold (KB3098315).
METADATA_TOO_LONG = "0x80070018"
UNEXPECTED_ERROR = 8193
FIRST_FAILED_STATE = 6
# A caption is the host's text; what is told of it stays one line.
LONGEST_WORD = 60


def why_no_word(host: HostView, vm: VMView) -> str:
    """The reason for `unknown` or `not_read`; never empty."""
    section = host.evidence.writers
    if vm.writer_says is WriterSays.NOT_READ or section is None or section.components is None:
        return host.why(Section.WRITERS, "components")
    own = [component for component in section.components if component.vm_id.lower() == vm.subject.id]
    if not own:
        return _why_not_listed(host)
    if len({says_in(component.caption) for component in own}) > 1:
        return f"the writer lists the VM {len(own)} times, with different words"
    if not own[0].caption:
        return "the writer lists the VM without a caption"
    return _about_an_unknown_word(host, own[0], section.components)


def _why_not_listed(host: HostView) -> str:
    if moment := metadata_too_long_at(host):
        return (
            "the writers' list did not fit into one document, so VMs are missing from it: VSS logged event "
            f"{UNEXPECTED_ERROR} with {METADATA_TOO_LONG} (last at {moment})"
        )
    writers = host.evidence.writers.writers if host.evidence.writers else None
    for writer in writers or ():
        if writer.writer_id.lower() == HYPER_V_WRITER:
            if writer.state is not None and writer.state >= FIRST_FAILED_STATE:
                return f"the Hyper-V writer has failed (state {writer.state}) and does not list the VM"
            return "the Hyper-V writer is there and does not list the VM"
    if writers is not None:
        return "the Hyper-V writer is not registered, so nobody lists the VM"
    return "the writer does not list the VM"


def metadata_too_long_at(host: HostView) -> str | None:
    """When VSS last logged that the metadata was too long, as far as the log was read; None when it did not."""
    events = host.evidence.vss_events
    for each in (events.counts or ()) if events else ():
        if (each.provider, each.event_id) == ("VSS", UNEXPECTED_ERROR) and METADATA_TOO_LONG in (each.codes or ()):
            moment = moment_of(each.last_at)
            return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unknown time"
    return None


def _about_an_unknown_word(host: HostView, component: Component, all_of_them: tuple[Component, ...]) -> str:
    """A wording that no source explains is not guessed at. Who else carries it lets people conclude for themselves."""
    word = _word(component.caption)
    if word is None:
        return "the VM's caption has no word before its name"
    states = {vm.subject.id: vm.state for vm in host.vms}
    carried = Counter(_kind(states.get(each.vm_id.lower())) for each in all_of_them if _word(each.caption) == word)
    counted = ", ".join(f"{carried[kind]} {kind}" for kind in ("running", "off or saved", "other") if carried[kind])
    return f"no source says what the writer means by “{word}”; VMs that carry it on this host: {counted}"


def _word(caption: str | None) -> str | None:
    word, separator, _ = (caption or "").partition("\\")
    return " ".join(word.split())[:LONGEST_WORD] if separator and word.strip() else None


def _kind(state: VMState | None) -> str:
    if state is VMState.RUNNING:
        return "running"
    return "off or saved" if state in (VMState.OFF, VMState.SAVED) else "other"
