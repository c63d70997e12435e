"""A verdict as a sentence: for the technician, and in plain words for the customer."""

from audits.models import Verdict


def sentence(verdict: Verdict) -> str:
    """What judgement said, as a sentence of a page."""
    told = verdict.sentence or "what would decide it could not be read"
    return f"{told[0].upper()}{told[1:]}."


def plain_words(verdict: Verdict, *, is_likely: bool) -> str:
    """The same for somebody who knows neither Hyper-V nor VSS."""
    will = "will" if is_likely else "may"
    known = (
        "We know what, and can change it." if verdict.causes else "What it is, we have to look for inside the machine."
    )
    match verdict.verdict:
        case "live":
            return "The backup copies this machine while it keeps working, and its programs know about it."
        case "saved_state":
            return (
                f"When the backup starts, Windows {will} stop this machine for seconds to minutes, because something "
                f"it needs for a copy while running is missing. {known}"
            )
        case "backup_fails":
            return f"As things stand the backup of this machine {will} not succeed. We know why, and can change it."
        case "crash_consistent":
            return (
                "The machine keeps running during the backup, but the copy is as after a power cut: files are there, "
                "programs may have to repair their data."
            )
        case "already_offline":
            return "This machine is switched off. The backup copies it as it is and interrupts nobody."
        case _:
            return "We cannot say yet what the backup does to this machine, and we do not guess."
