"""From when on a host's event log shows every save of a VM, and when silence is worth nothing."""

import pytest
from msgspec import structs

from audits.judgement.episodes.coverage import covered_since
from audits.judgement.evidence import HostEvidence, VmEvents
from audits.judgement.moments import moment_of
from tests.judgement.life import host_that_logged


def log_of(host: HostEvidence) -> VmEvents:
    assert host.vm_events is not None
    return host.vm_events


def changed(host: HostEvidence, **fields: object) -> HostEvidence:
    return structs.replace(host, vm_events=structs.replace(log_of(host), **fields))


def with_log(host: HostEvidence, **fields: object) -> HostEvidence:
    return changed(host, logs=tuple(structs.replace(each, **fields) for each in log_of(host).logs or ()))


def with_source(host: HostEvidence, **fields: object) -> HostEvidence:
    return changed(host, sources=tuple(structs.replace(each, **fields) for each in log_of(host).sources or ()))


QUIET = host_that_logged()


def test_a_log_that_reaches_further_than_was_asked_covers_what_was_asked() -> None:
    assert covered_since(with_log(QUIET, oldest_at="2020-01-01T00:00:00Z")) == moment_of(log_of(QUIET).window_from)


def test_a_log_that_has_wrapped_covers_from_its_oldest_event_on() -> None:
    oldest = log_of(QUIET).window_to
    assert oldest is not None and covered_since(with_log(QUIET, oldest_at=oldest)) == moment_of(oldest)


@pytest.mark.parametrize(
    "host",
    [
        structs.replace(QUIET, vm_events=None),
        changed(QUIET, events=None),
        changed(QUIET, logs=None),
        changed(QUIET, sources=()),
        changed(QUIET, window_from=None),
        with_log(QUIET, readable=False),
        with_log(QUIET, oldest_at=None),
        with_source(QUIET, read=False),
        with_source(QUIET, truncated=True),
        with_source(QUIET, truncated=None),
    ],
    ids=["section", "events", "logs", "sources", "window", "readable", "oldest", "read", "truncated", "not known"],
)
def test_what_was_not_read_whole_covers_nothing(host: HostEvidence) -> None:
    assert covered_since(host) is None
