"""Virtual disk chains: from the attached file through its parents, walked once however many VMs share a parent."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from audits.judgement.evidence.vms import Image

# The probe follows no chain further; a longer one is a loop or an attack.
MOST_LINKS = 64


class ChainState(StrEnum):
    WHOLE = "whole"
    BROKEN = "broken"  # a file is missing though its folder could be listed
    UNKNOWN = "unknown"


class Chain(Struct, frozen=True):
    """`images` from the attached file downwards. `why` says what is wrong, or why it is not known."""

    state: ChainState
    images: tuple[Image, ...] = ()
    why: str | None = None


class Chains:
    """The images of one host by path, and the chain of each attached disk."""

    def __init__(self, images: Iterable[Image] | None, why_not_read: str) -> None:
        self._images = {image.path.lower(): image for image in images or ()}
        self._why_not_read = why_not_read
        self._known: dict[str, Chain] = {}

    def image(self, path: str) -> Image | None:
        return self._images.get(path.lower())

    def of(self, path: str) -> Chain:
        key = path.lower()
        chain = self._known.get(key)
        if chain is None:
            chain = self._known[key] = self._walk(path)
        return chain

    def _walk(self, path: str) -> Chain:
        links: list[Image] = []
        seen: set[str] = set()
        step: str | None = path
        while step:
            key = step.lower()
            if key in seen or len(seen) == MOST_LINKS:
                return Chain(ChainState.BROKEN, tuple(links), f"the chain returns to {step}")
            seen.add(key)
            image = self._images.get(key)
            if image is None:
                return Chain(ChainState.UNKNOWN, tuple(links), f"{self._why_not_read}: {step}")
            links.append(image)
            if image.exists is False:
                return Chain(ChainState.BROKEN, tuple(links), f"missing file {step}")
            if image.error_id is not None or image.format is None:
                return Chain(ChainState.UNKNOWN, tuple(links), _why_unreadable(image))
            step = image.parent_path
        return Chain(ChainState.WHOLE, tuple(links))


def _why_unreadable(image: Image) -> str:
    cause = f" ({image.error_id})" if image.error_id else ""
    if image.exists:
        return (
            f"{image.path} exists but could not be opened{cause}: in use on another node (ask the node that owns the "
            "VM), no rights, or damaged"
        )
    return f"{image.path} could not be opened{cause}, and its folder could not be listed"
