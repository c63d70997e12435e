"""The probe only reads: every file passes the guard, and the guard refuses what it must."""

from importlib.resources import files

import pytest

from audits.collect.probes import probe_script
from tests.probes.allowed import READS, SESSION, TOLERANT
from tests.probes.guard import offences
from tests.probes.syntax import calls, functions, parse

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


def test_nothing_stands_on_the_lists_that_the_probe_does_not_use() -> None:
    root = parse(probe_script())
    used = {call.name.lower() for call in calls(root)} - set(functions(root))
    assert used == set(READS) | set(SESSION)


def test_each_parameter_on_the_lists_is_used() -> None:
    used: dict[str, set[str]] = {}
    for call in calls(parse(probe_script())):
        used.setdefault(call.name.lower(), set()).update(call.parameters)
    for name, parameters in (READS | SESSION).items():
        assert parameters <= used[name], name


def test_only_one_read_goes_on_after_errors() -> None:
    tolerant = [
        (call.name.lower(), call.parameters.get("filterhashtable"))
        for call in calls(parse(probe_script()))
        if call.parameters.get("erroraction") not in (None, "Stop")
    ]
    assert tolerant == list(TOLERANT)
