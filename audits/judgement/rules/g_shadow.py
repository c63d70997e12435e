"""G-SHADOW: the shadow storage of every volume inside the guest is on that volume."""

from collections.abc import Iterator

from audits.judgement.evidence.guests import GuestReading
from audits.judgement.inside_guest import judge_windows_guests, name_of, why_unread
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import rule
from audits.judgement.unconfirmed import SINCE_2012_R2, Unconfirmed
from audits.judgement.view import HostView, VMView
from audits.judgement.words import Scope, Section, Severity


@rule(
    id="G-SHADOW",
    title="Shadow storage inside the guest is on the volume it belongs to",
    scope=Scope.VM,
    severity=Severity.CRITICAL,
    needs=(Section.VMS, Section.GUESTS),
    precondition=True,
    sources=("DPM", "MS-SHADOW"),
    unconfirmed=(
        Unconfirmed(
            "Since 2012 R2: whether the writer or the guest's snapshot minds shadow storage on another volume "
            "(lab question Q10).",
            SINCE_2012_R2,
        ),
    ),
    fix="F16",
)
def guest_shadow_storage_is_on_its_volume(host: HostView) -> Iterator[Statement]:
    """By a Microsoft text on hosts up to 2012, the writer takes a VM offline when the shadow storage of a volume inside
    it was assigned to another volume. No assignment at all is healthy: the storage is made where it belongs, when it is
    needed.
    """
    yield from judge_windows_guests(host, _judge)


def _judge(host: HostView, vm: VMView, inside: GuestReading) -> Statement:
    if inside.shadow_storage is None:
        return unknown(vm, why_unread(inside, "shadow_storage"))
    names = {volume.volume_id.lower(): name_of(volume) for volume in inside.volumes or ()}
    elsewhere: list[str] = []
    is_whole = True
    for row in inside.shadow_storage:
        if row.diff_volume_id is None:
            is_whole = False
        elif row.diff_volume_id.lower() != row.volume_id.lower():
            volume, diff = (names.get(key.lower(), key) for key in (row.volume_id, row.diff_volume_id))
            elsewhere.append(f"{volume} keeps its shadow copies on {diff}")
    if elsewhere:
        return failed(vm, measured="; ".join(elsewhere))
    return passed(vm) if is_whole else unknown(vm, why_unread(inside, "shadow_storage.diff_volume_id"))
