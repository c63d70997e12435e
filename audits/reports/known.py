"""What every report says the same way: when a row's evidence was read, in which run, and whether it is stale."""

SCHEMA_VERSION = 1

# The section that a subject's rows come from: while it could not be read, they keep their age.
_SECTION_OF = {"vm": "vms", "volume": "volumes", "cluster": "cluster"}


def reading_of(subject_type: str) -> str:
    """SQL of the reading behind a row; `state` is its host's state, `subject_type` SQL or a literal."""
    cases = " ".join(f"WHEN '{subject}' THEN '{section}'" for subject, section in _SECTION_OF.items())
    return f"(state.sections -> (CASE {subject_type} {cases} END))"


def evidence_at(subject_type: str) -> str:
    return f"COALESCE(({reading_of(subject_type)} ->> 'read_at')::timestamptz, state.evidence_at)"


def run_id(subject_type: str) -> str:
    return f"COALESCE({reading_of(subject_type)} ->> 'run_id', state.evidence_run_id::text)"


def is_stale(subject_type: str) -> str:
    """The last audit brought nothing newer for this row: it failed, or this part of the host was not read."""
    return f"(state.last_outcome NOT IN ('succeeded', 'partial') OR {evidence_at(subject_type)} < state.evidence_at)"
