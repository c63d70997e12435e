"""A host as the rules see it, from what is stored: what a fix is chosen and filled from."""

from typing import Any

import msgspec

from audits.collect.sections import SectionUnreadable, restore_section
from audits.judgement.evidence import Evidence, Identity, of_sections
from audits.judgement.result import Subject
from audits.judgement.view import HostView
from audits.judgement.words import Scope, Section
from audits.models import HostState
from fleet.models import Host

EVERY_SECTION: tuple[str, ...] = tuple(str(section) for section in Section)


def surroundings(host: Host, state: HostState | None, bodies: dict[str, dict[str, Any]]) -> HostView:
    """The host with the sections in `bodies` (queries.evidence.bodies), without clocks and counters. No query.

    What is not there, or was stored by another version of this product, is not known: a fix is then less exact.
    """
    read: dict[Section, Evidence] = {}
    for section, body in bodies.items():
        try:
            read[Section(section)] = restore_section(Section(section), msgspec.json.encode(body), None)
        except SectionUnreadable:
            continue
    if Section.IDENTITY not in read and state is not None and state.os_build is not None:
        read[Section.IDENTITY] = Identity(os_build=state.os_build)
    return HostView(of_sections({}, read), subject=Subject(Scope.HOST, str(host.pk), host.name), now=None)
