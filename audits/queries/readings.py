"""Volumes as a technician thinks of them: letter, file system, free space, shadow storage."""

from dataclasses import dataclass
from typing import Any

from audits.judgement.evidence.volumes import UNBOUNDED_BYTES


@dataclass(frozen=True, slots=True)
class Volume:
    """Sizes in bytes; None is "not read", never zero."""

    volume_id: str
    name: str
    label: str
    file_system: str
    capacity_bytes: int | None
    free_bytes: int | None
    shadow_max_bytes: int | None
    shadow_used_bytes: int | None
    has_shadow_storage: bool
    shadow_elsewhere: bool

    @property
    def used_bytes(self) -> int | None:
        if self.capacity_bytes is None or self.free_bytes is None:
            return None
        return self.capacity_bytes - self.free_bytes

    @property
    def kind(self) -> str:
        """How the meter is painted: from 90 % of use it warns."""
        if not self.capacity_bytes or self.used_bytes is None:
            return ""
        return "warn" if self.used_bytes / self.capacity_bytes >= 0.9 else ""

    @property
    def is_shadow_unbounded(self) -> bool:
        return self.shadow_max_bytes is not None and self.shadow_max_bytes >= UNBOUNDED_BYTES


def volumes_of(body: dict[str, Any]) -> list[Volume]:
    """Every volume of the section, by name."""
    storage = {area.get("volume_id"): area for area in body.get("shadow_storage") or []}
    found = []
    for volume in body.get("volumes") or []:
        volume_id = volume.get("volume_id", "")
        area = storage.get(volume_id)
        found.append(
            Volume(
                volume_id=volume_id,
                name=volume.get("name") or volume_id,
                label=volume.get("label") or "",
                file_system=volume.get("file_system") or "not read",
                capacity_bytes=volume.get("capacity_bytes"),
                free_bytes=volume.get("free_bytes"),
                shadow_max_bytes=area.get("max_bytes") if area else None,
                shadow_used_bytes=area.get("used_bytes") if area else None,
                has_shadow_storage=area is not None,
                shadow_elsewhere=bool(area and area.get("diff_volume_id") not in (None, volume_id)),
            )
        )
    return sorted(found, key=lambda volume: volume.name)
