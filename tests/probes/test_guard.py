"""The probe only reads: every file passes the guard, and the guard refuses what it must."""

from importlib.resources import files

import pytest

from audits.collect.probes import guest_script, probe_script
from tests.probes.allowed import GUESTS, INSIDE_A_GUEST, READS, SESSION, TOLERANT
from tests.probes.guard import offences, split
from tests.probes.syntax import Call, calls, functions, parse

_ASK = "Invoke-Command -VMId $id -Credential $c -ScriptBlock $GuestProbe -ArgumentList 1 -AsJob -ErrorAction Stop"
FILES = sorted(each.name for each in files("audits.collect.probes").iterdir() if each.name.endswith(".ps1"))

# Each of these would be one more way to change a host, to leave PowerShell 3.0, or to hide what is done.
FORBIDDEN = {
    "a cmdlet that writes": "Set-Service -Name vmms -StartupType Manual",
    "a cmdlet that removes": "Remove-VMSnapshot -VMName x",
    "a cmdlet that makes": "New-Item -Path C:\\x -ItemType File",
    "a cmdlet that stops": "Stop-VM -Name x -ErrorAction Stop",
    "New-Object with another type": "$x = New-Object -TypeName System.Net.WebClient",
    "New-Object with a type from a variable": "$x = New-Object -TypeName $type",
    "New-Object of a COM class": "$x = New-Object -ComObject WScript.Shell",
    "New-Object by position": "$x = New-Object System.Text.StringBuilder",
    "a call through a variable": "& $command",
    "a call through a name in quotes": "& 'Stop-VM'",
    "sourcing a variable": ". $script",
    "sourcing a file": ". C:\\x.ps1",
    "Invoke-Expression": "Invoke-Expression -Command $text",
    "Invoke-Command": "Invoke-Command -ScriptBlock { 1 }",
    "Invoke-Command on another machine": _ASK.replace("-VMId $id", "-ComputerName dc01"),
    "Invoke-Command by a VM's name": _ASK.replace("-VMId $id", "-VMName sql01"),
    "Invoke-Command that nobody can leave": _ASK.replace(" -AsJob", ""),
    "Invoke-Command without a credential of its own": _ASK.replace(" -Credential $c", ""),
    "Invoke-Command with another block": _ASK.replace("$GuestProbe", "$block"),
    "Invoke-Command with a block in place": _ASK.replace("$GuestProbe", "{ Stop-VM }"),
    "Invoke-Command that hides its errors": _ASK.replace("Stop", "SilentlyContinue"),
    "another block under the name of the one": "$GuestProbe = $text",
    "a block for guests that writes": "$GuestProbe = {\nStop-Service -Name VSS\n}",
    "a block for guests with a block inside": "$GuestProbe = {\n$x = { 1 }\n}",
    "a second block for guests": "$GuestProbe = {\n1\n}\n$GuestProbe = {\n1\n}",
    "waiting for a job without end": "Wait-Job -Job $job -ErrorAction Stop",
    "every job of the session": "Receive-Job -Name x -ErrorAction Stop",
    "stopping a job, which may never return": "Stop-Job -Job $job",
    "removing a job": "Remove-Job -Job $job -Force",
    "starting a job": "Start-Job -ScriptBlock $GuestProbe",
    "a session that stays": "New-PSSession -VMId $id",
    "an alias": "iex $text",
    "Add-Type": "Add-Type -TypeDefinition $code",
    "Start-Process": "Start-Process -FilePath cmd.exe",
    "a native program by name": "vssadmin delete shadows",
    "a file redirection": "Get-VM -ErrorAction Stop > C:\\x.txt",
    "an appending redirection": "Get-VM -ErrorAction Stop >> C:\\x.txt",
    "an error redirection": "Get-VM -ErrorAction Stop 2> C:\\x.txt",
    "another program": "$start.FileName = 'cmd.exe'",
    "other arguments": "$start.Arguments = 'delete shadows /all'",
    "a program from a variable": "$start.FileName = $name",
    "other commands for diskshadow": '$feed = "delete shadows all`r`n"',
    "a property of something that was read": "$vm.Notes = 'x'",
    "a property set by arithmetic": "$vm.Notes += 'x'",
    "a static method off the list": "[System.IO.File]::WriteAllText('x', 'y')",
    "another static method of a listed type": "[System.IO.Path]::GetTempFileName()",
    "a type off the list": "[System.Net.Dns]::GetHostName()",
    "a static member by variable": "[System.IO.Path]::$name('x')",
    "a method by variable": "$x.$name()",
    "a method off the list": "$vm.Delete()",
    "a script block's method": "$x.Invoke()",
    "a CIM method": "Invoke-CimMethod -InputObject $x -MethodName Shutdown",
    "a parameter off the list": "Get-CimInstance -ClassName Win32_Service -ComputerName other -ErrorAction Stop",
    "an abbreviated parameter": "Get-CimInstance -Class Win32_Service -ErrorAction Stop",
    "a value by position": "Get-CimInstance Win32_Service -ErrorAction Stop",
    "a read that does not stop at an error": "Get-VM",
    "a read that hides its errors": "Get-VM -ErrorAction SilentlyContinue",
    "splatting": "Get-VM @arguments",
    "a pipe": "$vms | Remove-VM",
    "a script block": "$x = { Stop-VM }",
    "a sub-expression": "$x = $(Get-VM -ErrorAction Stop)",
    "text that expands": '$x = "a $name"',
    "another scope": "$global:x = 1",
    "a script-scope variable": "$script:x = 1",
    "an environment variable": "$x = $env:PATH",
    "a variable of the function drive": "$function:Read-Identity = 1",
    "another error preference": "$ErrorActionPreference = 'SilentlyContinue'",
    "a function that hides a cmdlet": "function Get-VM { 1 }",
    "a class (5.0)": "class A { [int]$b }",
    "an enum (5.0)": "enum A { b }",
    "using (5.0)": "using namespace System.IO",
    "::new() (5.0)": "$x = [System.IO.MemoryStream]::new()",
    "the where method (4.0)": "$x = $list.Where({ 1 })",
    "the foreach method (4.0)": "$x = $list.ForEach('Name')",
    "-AsHashtable (6.0)": "ConvertFrom-Json -InputObject $x -AsHashtable",
    "a ternary (7.0)": "$x = $a ? 1 : 2",
    "a null coalescing operator (7.0)": "$x = $a ?? 1",
    "a chain (7.0)": "Get-VM -ErrorAction Stop && Get-VM -ErrorAction Stop",
    "a trap": "trap { continue }",
    "a workflow word": "parallel { 1 }",
    "the format operator": "$x = '{0}' -f $y",
    "the conversion operator": "$x = $y -as [System.Type]",
    "a here-string": "$x = @'\na\n'@",
    "broken text": "if ($x {",
    "a missing brace": "function Read-X {",
}


def test_the_assembled_script_passes() -> None:
    assert offences(probe_script()) == []


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_valid_by_itself(name: str) -> None:
    content = files("audits.collect.probes").joinpath(name).read_text(encoding="ascii")
    assert [each for each in offences(content) if "not valid PowerShell" in each] == []


@pytest.mark.parametrize("snippet", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_guard_refuses(snippet: str) -> None:
    assert offences(snippet) != []


def test_the_guard_looks_into_functions_and_catch_blocks() -> None:
    hidden = "function Read-X {\n    try {\n        1\n    }\n    catch {\n        Stop-VM -Name x\n    }\n}\n"
    assert offences(hidden) == ["line 6: Stop-VM is not on the list"]


def test_the_block_for_guests_is_the_guest_probe_and_nothing_else() -> None:
    _, inside = split(probe_script())
    assert inside is not None
    assert inside.strip() == guest_script().strip()


def test_a_guest_is_asked_less_than_the_host() -> None:
    own = set(functions(parse(guest_script())))
    assert {call.name.lower() for call in calls(parse(guest_script()))} - own == set(INSIDE_A_GUEST)


def foreign_calls() -> list[Call]:
    """Calls of cmdlets, on the host and inside guests."""
    root = parse(probe_script())
    return [call for call in calls(root) if call.name.lower() not in functions(root)]


def test_nothing_stands_on_the_lists_that_the_probe_does_not_use() -> None:
    assert {call.name.lower() for call in foreign_calls()} == set(READS) | set(SESSION) | set(GUESTS)


def test_each_parameter_on_the_lists_is_used() -> None:
    used: dict[str, set[str]] = {}
    for call in foreign_calls():
        used.setdefault(call.name.lower(), set()).update(call.parameters)
    for name, parameters in (READS | SESSION | GUESTS).items():
        assert parameters <= used[name], name


def test_only_one_read_goes_on_after_errors() -> None:
    tolerant = [
        (call.name.lower(), call.parameters.get("filterhashtable"))
        for call in foreign_calls()
        if call.parameters.get("erroraction") not in (None, "Stop")
    ]
    assert tolerant == list(TOLERANT)
