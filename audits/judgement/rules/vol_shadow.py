"""VOL-SHADOW: the shadow storage of the host volume is usable."""

from collections.abc import Iterator

from audits.judgement.evidence.volumes import ShadowStorage
from audits.judgement.places import VolumeView
from audits.judgement.result import Statement, failed, passed, unknown
from audits.judgement.rule import ONLY_VSS, rule
from audits.judgement.sizes import MEBIBYTE, in_words
from audits.judgement.unconfirmed import NOTHING, Unconfirmed
from audits.judgement.unused_volumes import about_unused
from audits.judgement.view import HostView
from audits.judgement.words import Confidence, Scope, Section, Severity, WindowsBuild

# Smallest diff area by default (MinDiffAreaFileSize): 320 MB, on 2008 300 MB; 32 MB for volumes below 500 MB.
LEAST_MEBIBYTES = 320
LEAST_MEBIBYTES_2008 = 300
LEAST_MEBIBYTES_SMALL_VOLUME = 32
SMALL_VOLUME_BYTES = 500 * MEBIBYTE


@rule(
    id="VOL-SHADOW",
    title="The volume's shadow storage is large enough and on the volume itself",
    scope=Scope.VOLUME,
    severity=Severity.WARNING,
    needs=(Section.VOLUMES, Section.VMS),
    paths=ONLY_VSS,
    sources=("MS-MINDIFF", "MS-SHADOW", "DPM"),
    unconfirmed=(
        Unconfirmed(
            "That shadow storage of a host volume must be on the volume itself: no Microsoft source says so.",
            weakens=NOTHING,
        ),
    ),
    fix="F16",
)
def shadow_storage_is_usable(host: HostView) -> Iterator[Statement]:
    """A shadow copy of the host volume keeps the changed blocks in its shadow storage. None assigned is healthy: it is
    made when needed. Too small a limit breaks the copy. That it lies on another volume is only a warning on the
    host; the rule that leads to a saved state is about the volumes inside the guest.
    """
    rows = host.evidence.volumes.shadow_storage if host.evidence.volumes else None
    by_volume: dict[str, list[ShadowStorage]] = {}
    for row in rows or ():
        by_volume.setdefault(row.volume_id.lower(), []).append(row)
    for volume in host.volumes:
        if volume.key not in host.used_volumes:
            yield about_unused(host, volume)
        elif rows is None:
            yield unknown(volume, host.why(Section.VOLUMES, "shadow_storage"))
        else:
            yield _judge(host, volume, by_volume.get(volume.key, []))


def _judge(host: HostView, volume: VolumeView, rows: list[ShadowStorage]) -> Statement:
    why_unknown = None
    least = _least_bytes(host, volume)
    for row in rows:
        if row.max_bytes is None:
            why_unknown = host.why(Section.VOLUMES, "shadow_storage.max_bytes")
            continue
        if row.max_bytes < least:
            return failed(volume, measured=f"limit {in_words(row.max_bytes)}, at least {in_words(least)} needed")
        if row.allocated_bytes is not None and row.max_bytes < row.allocated_bytes:
            return failed(volume, measured=f"limit {in_words(row.max_bytes)} is below what is allocated")
        diff = host.places.volumes.get((row.diff_volume_id or volume.key).lower())
        if row.allocated_bytes == 0 and diff is not None and diff.free_bytes is not None and diff.free_bytes < least:
            return failed(volume, measured=f"{in_words(diff.free_bytes)} free on {diff.subject.name} for a first copy")
        if row.diff_volume_id is not None and row.diff_volume_id.lower() != volume.key:
            elsewhere = f"on {diff.subject.name if diff else row.diff_volume_id}"
            return failed(volume, measured=elsewhere, confidence=Confidence.LOW)
    return unknown(volume, why_unknown) if why_unknown else passed(volume)


def _least_bytes(host: HostView, volume: VolumeView) -> int:
    set_by_registry = host.evidence.volumes.min_diff_area_megabytes if host.evidence.volumes else None
    if set_by_registry is not None:
        return set_by_registry * MEBIBYTE
    if volume.capacity_bytes is not None and volume.capacity_bytes < SMALL_VOLUME_BYTES:
        return LEAST_MEBIBYTES_SMALL_VOLUME * MEBIBYTE
    is_2008 = host.build is not None and host.build < WindowsBuild.SERVER_2008_R2
    return (LEAST_MEBIBYTES_2008 if is_2008 else LEAST_MEBIBYTES) * MEBIBYTE
