"""A volume on which no VM is known to have files: not applicable, unless the VMs or their disks were not all read."""

from audits.judgement.places import VolumeView
from audits.judgement.result import Statement, not_applicable, unknown
from audits.judgement.view import HostView


def about_unused(host: HostView, volume: VolumeView) -> Statement:
    if host.why_use_unknown is not None:
        return unknown(volume, host.why_use_unknown)
    return not_applicable(volume, "no VM has files here")
