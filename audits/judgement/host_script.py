"""A host's fixes as one PowerShell script to read, copy and run by hand: ordered by what depends on what.

Pure: evidence and results in, text out. This product never runs it and has no way to.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Protocol

from msgspec import Struct

from audits.judgement.catalogue import POSITION
from audits.judgement.fixes import Case, FixText, Phase, Where, case_about, fix_of, write
from audits.judgement.fixes.busy import BUSY_VMS
from audits.judgement.fixes.menus import windows_of
from audits.judgement.fixes.written import refresh_cluster, start
from audits.judgement.powershell import ascii_only, commands, remark
from audits.judgement.rules import RULES
from audits.judgement.view import HostView
from audits.judgement.words import ResultWord

INDENT = "    "
# Without its management service Hyper-V answers nothing; a step of the script may be to start it.
VMMS_RUNS = (
    "@(Get-Service -Name 'vmms' -ErrorAction SilentlyContinue |\n"
    "        Where-Object { [string]$_.Status -eq 'Running' }).Count -gt 0"
)
LONGEST_SENTENCE = 400
VM_IS_OFF = frozenset({Phase.MERGE, Phase.CONTROLLERS, Phase.DISKS, Phase.VERSION})


class Failure(Protocol):
    """What the script needs of a result; a stored one and one just judged both have it."""

    @property
    def rule(self) -> str: ...
    @property
    def subject_type(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def measured(self) -> str | None: ...
    @property
    def fix(self) -> str | None: ...


class Step(Struct, frozen=True, kw_only=True):
    """One failure and its fix. `does_it`: the script runs the commands; else they stand in comments, with why."""

    number: int
    subject: str
    rule: str
    measured: str
    text: FixText
    case: Case

    @property
    def does_it(self) -> bool:
        return not self.text.held_back

    @property
    def title(self) -> str:
        return f"{self.subject}: {self.text.fix.title}{self.text.kind}"


class HostScript(Struct, frozen=True, kw_only=True):
    """`text` is the script, empty where there is none; `why_none` says why then. Its strings are ASCII."""

    text: str
    steps: tuple[Step, ...]
    why_none: str = ""

    @property
    def active(self) -> int:
        """Steps that the script does by itself; the others wait for a person."""
        return sum(step.does_it for step in self.steps)

    @property
    def vms_off(self) -> int:
        """VMs that the script shuts down and starts again."""
        return len({step.subject for step in self.steps if step.does_it and step.text.recipe.vm_off})


def host_script(host: HostView, failures: Iterable[Failure], *, read_at: str, probe_version: str) -> HostScript:
    """The script for every failure that has a fix. `read_at` and `probe_version` are told in its header.

    A host whose name or Windows version was not read has none, as the script checks that it runs where it belongs.
    """
    steps = host_steps(host, failures)
    identity = host.evidence.identity
    if identity is None or not identity.computer_name or host.build is None:
        return HostScript(text="", steps=(), why_none="The host's own name or Windows version was not read: audit it.")
    if not steps:
        return HostScript(text="", steps=(), why_none="Nothing that has a fix fails on this host.")
    lines = [
        *_header(identity.computer_name, steps, read_at, probe_version),
        "& {",
        # An empty line would end the block when it is pasted into an older console.
        *(f"{INDENT}{line or '#'}" for line in _body(identity.computer_name, host.build, steps)),
        "}",
        "",
    ]
    return HostScript(text=ascii_only("\n".join(lines)), steps=steps)


def host_steps(host: HostView, failures: Iterable[Failure]) -> tuple[Step, ...]:
    """What the script would consist of, in its order: every failure but a mere note that has a fix."""
    found = []
    for failure in failures:
        fix = fix_of(failure.rule, failure.fix or _fix_id(failure.rule))
        if failure.result != ResultWord.FAIL or fix is None or failure.severity == "info":
            continue
        case = case_about(
            host,
            rule=failure.rule,
            subject_type=failure.subject_type,
            subject_id=failure.subject_id,
            measured=failure.measured,
        )
        text = write(fix, case)
        if text is not None:
            found.append((failure, case, text))
    found.sort(key=lambda each: _place(each[0], each[2]))
    return tuple(
        Step(
            number=number,
            subject=failure.subject,
            rule=failure.rule,
            measured=failure.measured or "",
            text=text,
            case=case,
        )
        for number, (failure, case, text) in enumerate(found, start=1)
    )


def _fix_id(rule_id: str) -> str | None:
    rule = RULES.get(rule_id)
    return rule.fix if rule else None


def _place(failure: Failure, text: FixText) -> tuple[int, str, str, int, int]:
    """By phase; what needs the VM off stands together per VM, in the order of the phases there."""
    phase = text.recipe.phase
    kind = Phase.MERGE if phase in VM_IS_OFF else phase
    vm = failure.subject_id if phase in VM_IS_OFF else ""
    name = failure.subject.lower() if phase in VM_IS_OFF else ""
    return kind, name, vm, phase, POSITION.get(failure.rule, len(POSITION))


def _header(computer: str, steps: tuple[Step, ...], read_at: str, probe_version: str) -> list[str]:
    case = steps[0].case
    active = sum(step.does_it for step in steps)
    off = list(dict.fromkeys(step.subject for step in steps if step.does_it and step.text.recipe.vm_off))
    return [
        f"# Fixes for the computer {remark(computer)}, {windows_of(case)}, build {case.build}.",
        f"# Written from what was read at {remark(read_at)} by probe version {remark(probe_version) or 'not known'}.",
        "#",
        "# Read it before you run it. Fleet Audit never runs it.",
        f"# It does {active} of its {len(steps)} steps."
        + (" The others stand in comments, each with the reason." if active < len(steps) else ""),
        f"# VMs that are shut down and started again: {', '.join(map(remark, off)) or 'none'}.",
        "# It stops at the first error, and skips what is done already. Not while a backup runs.",
        "#",
        *(f"#   {step.number:>3}  {'      ' if step.does_it else '(#)   '}{remark(step.title)}" for step in steps),
        "#",
    ]


def _body(computer: str, build: int, steps: tuple[Step, ...]) -> Iterator[str]:
    yield from _guards(computer, build, steps[0].case).split("\n")
    for off, together in groupby(steps, key=_needs_off):
        if off is None:
            for step in together:
                yield ""
                yield from _one(step, len(steps))
        else:
            yield ""
            yield from _with_vm_off(tuple(together), len(steps))
    yield ""
    yield "Write-Host 'Done. Verify each step, then audit the host again.'"


def _needs_off(step: Step) -> str | None:
    return step.case.vm.subject.id if step.text.recipe.vm_off and step.case.vm is not None else None


def _guards(computer: str, build: int, case: Case) -> str:
    """Stops before the first step on another computer, another Windows, without rights, or during a backup."""
    lines = [
        "$ErrorActionPreference = 'Stop'",
        "if ($env:COMPUTERNAME -ne {computer}) { throw {elsewhere} }",
        "$build = [int](Get-WmiObject -Class Win32_OperatingSystem).BuildNumber"
        if case.is_2008_r2
        else "$build = [int](Get-CimInstance -ClassName Win32_OperatingSystem).BuildNumber",
        "if ($build -ne {build}) { throw {upgraded} }",
        "$me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()",
        "if (-not $me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw {no_rights} }",
    ]
    if not case.is_2008_r2:
        lines += [
            "$busy = 0",
            f"if ({VMMS_RUNS}) {{",
            f"    $busy = {BUSY_VMS}",
            "}",
            "if ($busy -gt 0) { throw {busy} }",
        ]
    return commands(
        "\n".join(lines),
        computer=computer,
        elsewhere=f"This script is for {computer}, not for this computer.",
        build=build,
        upgraded=f"This script is for build {build}, and Windows has changed since: audit the host again.",
        no_rights="Start PowerShell as administrator.",
        busy="A backup, merge or move of a VM is under way: wait until it has ended.",
    )


def _one(step: Step, of: int, *, vm_is_off: bool = False) -> Iterator[str]:
    yield from _told(step, of)
    if not step.does_it:
        yield from _in_comments(step)
    else:
        wanted = step.text.recipe.commands if vm_is_off else step.text.commands
        yield from _unless_done(step, wanted)
    yield from _afterwards(step)


def _told(step: Step, of: int) -> Iterator[str]:
    recipe, fix = step.text.recipe, step.text.fix
    yield f"# ---- step {step.number} of {of}: {remark(step.title)} ({fix.id}, {remark(step.rule)})"
    yield f"# Measured: {remark(step.measured, LONGEST_SENTENCE)}"
    yield f"# Why: {remark(fix.why, LONGEST_SENTENCE)}"
    for caveat in recipe.caveats:
        yield f"# Mind: {remark(caveat, LONGEST_SENTENCE)}"
    if recipe.downtime:
        yield f"# Downtime: {remark(recipe.downtime, LONGEST_SENTENCE)}"


def _unless_done(step: Step, wanted: str) -> Iterator[str]:
    done_already = step.text.recipe.done_already
    if not done_already:
        yield from wanted.split("\n")
        return
    yield f"if ({done_already}) {{ Write-Host 'Step {step.number}: done already.' }} else {{"
    yield from (f"{INDENT}{line}" for line in wanted.split("\n"))
    yield "}"


def _in_comments(step: Step) -> Iterator[str]:
    yield f"# Left to you: {remark(step.text.held_back.rstrip('.'), LONGEST_SENTENCE)}."
    if step.text.where is not Where.HOST or not step.text.commands:
        for sentence in step.text.recipe.by_hand:
            yield f"#   by hand: {remark(sentence, LONGEST_SENTENCE)}"
    yield from (f"# {line}" for line in step.text.commands.split("\n") if line)


def _afterwards(step: Step) -> Iterator[str]:
    recipe = step.text.recipe
    where = "" if step.text.verify_where is Where.HOST else f" {step.text.verify_where}"
    yield f"# Verify{where}: {remark(recipe.done_when, LONGEST_SENTENCE)}"
    yield from (f"#   {line}" for line in step.text.verify.split("\n") if line)
    yield f"# Way back: {remark(recipe.way_back, LONGEST_SENTENCE)}"
    yield from (f"#   {line}" for line in step.text.undo.split("\n") if line)


def _with_vm_off(steps: tuple[Step, ...], of: int) -> Iterator[str]:
    """One shutdown and one start for everything of a VM that needs it off; none where everything is left to you."""
    doing = [step for step in steps if step.does_it]
    if not doing:
        for step in steps:
            yield from _one(step, of)
        return
    case = doing[0].case
    numbers = ", ".join(str(step.number) for step in doing)
    yield f"# ==== off for step {numbers}: the VM {remark(doing[0].subject)}"
    yield case.fetch_vm.rstrip("\n")
    yield "$wasRunning = [string]$vm.State -eq 'Running'"
    yield from _stop_unless_done(doing)
    yield "try {"
    for step in steps:
        yield from (f"{INDENT}{line}" for line in _one(step, of, vm_is_off=True))
    if case.vm_is_clustered and any(step.text.recipe.changes_configuration for step in doing):
        yield f"{INDENT}{refresh_cluster(case)}"
    yield "} finally {"
    yield f"{INDENT}if ($wasRunning) {{ {start(case)} }}"
    yield "}"


def _stop_unless_done(doing: list[Step]) -> Iterator[str]:
    conditions = [step.text.recipe.done_already for step in doing]
    if all(conditions):
        yield f"if ({' -and '.join(f'({condition})' for condition in conditions)}) {{ $wasRunning = $false }}"
    yield "if ($wasRunning) { Stop-VM -VM $vm }"
