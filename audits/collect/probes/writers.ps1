# Section writers: VSS writer states, and the Hyper-V writer's own word for every VM. Last, as it asks all writers.

$HyperVWriter = '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de'

function Get-BusyVM {
    # How many VMs have a merge, a backup or a migration going on: asking the writers then could disturb it.
    $busy = 0
    # Checkpoint, merge, export, migration, backup, storage migration. 23769 is how the module spells 32769.
    $codes = @(23769, 32768, 32769, 32770, 32771, 32772, 32773, 32774, 32776, 32778, 32779)
    foreach ($vm in @(Get-VM -ErrorAction Stop)) {
        $hit = $false
        foreach ($status in @(Read-Property -Source $vm -Name 'OperationalStatus')) {
            if ($null -ne $status -and [int]$status -in $codes) {
                $hit = $true
            }
        }
        if ($hit) {
            $busy = $busy + 1
        }
    }
    $busy
}

function ConvertFrom-ComponentList {
    # One row for each VM in the Hyper-V writer's part. Lines are told by GUIDs and signs, as labels may be localised.
    param([string]$Text)
    $inside = $false
    $after_path = $false
    $row = $null
    foreach ($line in ($Text -split '\r?\n')) {
        if ($line -match '^\s*\*\s') {
            # The next writer begins.
            $inside = $false
            if ($null -ne $row) {
                $row
            }
            $row = $null
        }
        elseif ($line -match ('\{' + $HyperVWriter + '\}')) {
            $inside = $true
        }
        elseif ($inside -and $line -match '^\s*\+\s') {
            # The next component begins; the one without a GUID is the host's own.
            if ($null -ne $row) {
                $row
            }
            $row = $null
            $after_path = $false
            if ($line -match ('(' + $GuidPattern + ')[^0-9a-fA-F]*$')) {
                $row = [ordered]@{
                    vm_id = $Matches[1].ToLowerInvariant()
                    caption = $null
                }
            }
        }
        elseif ($inside -and $null -ne $row -and $line -match '^\s*-\s*([^:=\uFF1A]+?)\s*[:\uFF1A]\s*(.*?)\s*$') {
            $label = $Matches[1]
            $value = $Matches[2]
            if ($null -eq $row['caption'] -and $value.Length -gt 0 -and ($label -eq 'Caption' -or $after_path)) {
                # A display name may be long: the meaning is in the beginning.
                $row['caption'] = $value
                if ($value.Length -gt 4096) {
                    $row['caption'] = $value.Substring(0, 4096)
                }
            }
            # The caption follows the full path, which is the component's name after a backslash.
            $after_path = $value -match ('^\\' + $GuidPattern + '$')
        }
    }
    if ($null -ne $row) {
        $row
    }
}

function Add-RefusalGap {
    # A program that ran and listed nothing: not allowed, or this build does not take its commands that way.
    param([string]$What, [int]$ExitCode)
    $why = 'refused'
    try {
        if (-not (Test-Membership -Sid 'S-1-5-32-544')) {
            $why = 'denied'
        }
    }
    catch {
        $why = 'refused'
    }
    if ($ExitCode -eq 5) {
        $why = 'denied'
    }
    Add-Gap -What $What -Why $why -Detail ('exit code ' + [string]$ExitCode)
}

function Read-Writer {
    param([int]$Seconds)
    $data = [ordered]@{
        writers = $null
        components = $null
    }
    $busy = 0
    try {
        $busy = Get-BusyVM
    }
    catch {
        # Without the module there are no VMs to disturb; otherwise leave the writers alone.
        $why = Get-Cause -Record $_
        if ($why -eq 'denied') {
            throw
        }
        if ($why -ne 'absent') {
            $Skip['reason'] = 'cannot tell whether a VM is busy: ' + $why + ' ' + (Get-ErrorId -Record $_)
            return
        }
    }
    if ($busy -gt 0) {
        $Skip['reason'] = 'a VM is busy with a backup, merge or migration (' + [string]$busy + ')'
        return
    }

    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $answer = Read-NativeList -Program 'vssadmin' -Milliseconds ($Seconds * 1000)
        $rows = @(ConvertFrom-WriterList -Text $answer['text'])
        if ($rows.Count -gt 0) {
            $data['writers'] = $rows
        }
        else {
            Add-RefusalGap -What 'writers' -ExitCode $answer['exit_code']
        }
    }
    catch {
        Add-ErrorGap -Whats 'writers' -Record $_
    }

    # The limit is for both programs together; the second one gets what the first has left.
    $left = $Seconds * 1000 - [int]$watch.ElapsedMilliseconds
    if ($left -lt 1000) {
        Add-Gap -What 'components' -Why 'timed_out' -Detail (Get-TimeSpent)
        return $data
    }
    try {
        $answer = Read-NativeList -Program 'diskshadow' -Milliseconds $left
        if ($answer['text'] -match ('\{' + $GuidPattern + '\}')) {
            $data['components'] = @(ConvertFrom-ComponentList -Text $answer['text'])
        }
        else {
            Add-RefusalGap -What 'components' -ExitCode $answer['exit_code']
        }
    }
    catch {
        Add-ErrorGap -Whats 'components' -Record $_
    }
    $data
}
