"""The default engine: answers the fleet audit's probe from a `SectionSource`, and a handful of raw commands."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import re
from collections.abc import AsyncIterator, Callable

from simulator.engine import (
    Command,
    Error,
    GuestSource,
    Information,
    Output,
    Pipeline,
    Record,
    SectionSource,
    Session,
    Throw,
    Warn,
    host_now,
)
from simulator.faults import (
    Fault,
    Faults,
    HugeOutput,
    NonTerminatingErrors,
    NotJson,
    OldSchema,
    SlowSections,
    TruncatedBase64,
)

PROBE_MARK = "# Fleet Audit probe"
GUEST_MARK = "# Fleet Audit guest probe"
# The probe as the one function of a JEA endpoint.
PROBE_FUNCTION = "Read-FleetAuditEvidence"

_QUOTED = r"""'(?:[^']|'')*'|"[^"$]*\""""
_STATEMENT = re.compile(rf"""(?:{_QUOTED}|[^;\r\n'"])+""")
_LITERAL = re.compile(_QUOTED)
_CALL = re.compile(r"([\w-]+)(?:\s+(.*))?", re.DOTALL)


class WindowsEngine:
    """A PowerShell that knows the probe, and enough commands for any client to prove its connection.

    `guest_answer`: this machine is a guest, and that is what the guest probe emits on it.
    """

    def __init__(self, sections: SectionSource | None = None, guest_answer: str = "") -> None:
        self._sections = sections
        self._guest_answer = guest_answer

    async def run(self, pipeline: Pipeline, session: Session) -> AsyncIterator[Record]:
        """Yield what the pipeline outputs; `Throw` is the last record if it fails."""
        for each in range(count.count if (count := session.faults.get(NonTerminatingErrors)) else 0):
            yield Error(f"simulated error {each + 1} beside the output")
        first = pipeline.commands[0]
        refusal = refused_without_language(pipeline, session.visible_functions)
        if refusal is not None:
            yield refusal
            return
        is_function = session.visible_functions is not None and first.text.lower() == PROBE_FUNCTION.lower()
        if self._sections is not None and (is_function or (first.is_script and is_probe(first.text))):
            async for record in self._probe(self._sections, first, session.faults):
                yield record
            return
        if self._guest_answer and first.is_script and first.text.lstrip().startswith(GUEST_MARK):
            yield Output(self._guest_answer)
            return
        async for record in _raw(pipeline, session):
            yield record

    async def _probe(self, source: SectionSource, command: Command, faults: Faults) -> AsyncIterator[Record]:
        names = [name.strip() for name in str(command.parameters.get("Sections", "")).split(",") if name.strip()]
        if not names:
            yield Throw("the probe was called without -Sections")
        for name in names:
            slow = faults.get(SlowSections)
            seconds = source.pacing_seconds(name) * (slow.factor if slow else 1.0)
            if seconds > 0:
                await asyncio.sleep(seconds)
            try:
                if name == "guests" and isinstance(source, GuestSource):
                    encoded = await source.read_guests(command.parameters)
                else:
                    encoded = await source.read_section(name)
            except KeyError:
                yield Error(f"the probe has no section {name!r}", fully_qualified_id="UnknownSection")
                continue
            yield Output(spoil(encoded, name, is_first=name == names[0], faults=faults))


def refused_without_language(pipeline: Pipeline, visible: tuple[str, ...] | None) -> Throw | None:
    """What an endpoint in NoLanguage mode says to a script, and to a command that it does not show; None: it runs."""
    if visible is None:
        return None
    shown = {name.lower() for name in visible}
    for command in pipeline.commands:
        if command.is_script:
            return Throw(
                "The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode.",
                fully_qualified_id="ScriptsNotAllowed",
                exception_type="System.Management.Automation.ParseException",
                category=0,
            )
        if command.text.lower() not in shown:
            return _not_recognized(command.text)
    return None


def is_probe(script: str) -> bool:
    """Whether a script announces itself as the fleet audit's probe in its first line."""
    return script.lstrip("\ufeff \t\r\n").startswith(PROBE_MARK)


def spoil(encoded: str, name: str, *, is_first: bool, faults: Faults) -> str:
    """The section as a host with these faults would emit it; a fault without a section name hits the first."""

    def hits(fault: Fault | None, section: str) -> bool:
        return fault is not None and (section == name if section else is_first)

    if (huge := faults.get(HugeOutput)) and hits(huge, huge.section):
        return base64.b64encode(os.urandom(huge.megabytes * 1024 * 1024 * 3 // 4)).decode("ascii")
    if (not_json := faults.get(NotJson)) and hits(not_json, not_json.section):
        return _encode(b"The term 'ConvertTo-Json' is not recognized as the name of a cmdlet")
    if (old := faults.get(OldSchema)) and hits(old, old.section):
        return _with_version_zero(encoded)
    if (truncated := faults.get(TruncatedBase64)) and hits(truncated, truncated.section):
        return encoded[: len(encoded) // 2 | 1]  # an odd length: never whole base64
    return encoded


def _encode(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, compresslevel=1)).decode("ascii")


def _with_version_zero(encoded: str) -> str:
    """Set whichever member of the envelope names its schema's version to 0, or add one."""
    envelope = json.loads(gzip.decompress(base64.b64decode(encoded)))
    versions = [key for key in envelope if key.lower() in {"schema_version", "schemaversion", "schema", "version", "v"}]
    envelope[versions[0] if versions else "schema_version"] = 0
    return _encode(json.dumps(envelope, separators=(",", ":")).encode())


async def _raw(pipeline: Pipeline, session: Session) -> AsyncIterator[Record]:
    """Run what people type to see whether a connection works."""
    stop_on_error = False
    for command in pipeline.commands:
        script = command.text
        if not command.is_script:
            if command.text.lower() in {"out-string", "out-default", "out-null"}:
                continue  # execute_ps ends its pipelines so; the output is text already
            script = str(command.parameters.get("Command", ""))
            if command.text.lower() != "invoke-expression":
                bound = " ".join(f"-{name} {held}" for name, held in command.parameters.items())
                script = " ".join([command.text, bound, *(f"'{argument}'" for argument in command.arguments)])
        for statement in (match.group().strip() for match in _STATEMENT.finditer(script)):
            if not statement or statement.startswith("#"):
                continue
            if statement.lower().startswith("exit"):
                return
            if re.match(r"\$ErrorActionPreference\s*=\s*['\"]?stop", statement, re.IGNORECASE):
                stop_on_error = True
                continue
            if re.match(r"\$\w+\s*=|param\b|set-strictmode\b", statement, re.IGNORECASE):
                continue
            if sleep := re.fullmatch(r"start-sleep\s+(?:-s\w*\s+)?([\d.]+)", statement, re.IGNORECASE):
                await asyncio.sleep(float(sleep.group(1)))
                continue
            record = _statement(statement, session)
            if isinstance(record, Error) and stop_on_error:
                record = Throw(record.message, record.fully_qualified_id, record.exception_type, record.activity, 0)
            yield record
            if isinstance(record, Throw):
                return


def _statement(statement: str, session: Session) -> Record:
    version = session.powershell_version
    values: dict[str, Callable[[], str | int]] = {
        "hostname": lambda: session.computer_name,
        "$env:computername": lambda: session.computer_name,
        "whoami": lambda: session.user.lower(),
        "get-date": lambda: host_now().isoformat(),
        "$psversiontable.psversion.tostring()": lambda: version,
        "$psversiontable.psversion.major": lambda: int(version.partition(".")[0]),
        "$psversiontable.psversion": lambda: version,
        "$psversiontable": lambda: version,
        "$true": lambda: "True",
    }
    if known := values.get(statement.lower().removesuffix(".exe")):
        return Output(known())
    if _LITERAL.fullmatch(statement):
        return Output(_unquote(statement))
    call = _CALL.fullmatch(statement)
    if call is None:
        return _not_recognized(statement)
    verb, rest = (
        call.group(1).lower(),
        _unquote(re.sub(r"^-(?:message|inputobject|object)\s+", "", call.group(2) or "")),
    )
    if verb in {"write-output", "echo"}:
        return Output(rest)
    if verb == "write-error":
        return Error(rest)
    if verb == "write-warning":
        return Warn(rest)
    if verb in {"write-host", "write-information"}:
        return Information(rest, "Write-Information" if verb == "write-information" else "Write-Host")
    if verb == "throw":
        return Throw(rest or "ScriptHalted")
    return _not_recognized(call.group(1))


def _not_recognized(term: str) -> Throw:
    return Throw(
        f"The term '{term}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
        "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.",
        fully_qualified_id="CommandNotFoundException",
        exception_type="System.Management.Automation.CommandNotFoundException",
        category=13,  # ObjectNotFound
    )


def _unquote(text: str) -> str:
    text = text.strip()
    if _LITERAL.fullmatch(text):
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    return text
