# Reading Windows event logs: by provider and number, and how far back a log reaches. No message text.

function Get-LoggedEvent {
    # The newest events that match. None is an empty list; a source that is not there or not readable throws.
    param($Filter, [int]$Limit)
    $first = $null
    try {
        # Into a variable first: what was sent out before an error could not be taken back.
        $events = @(Get-WinEvent -FilterHashtable $Filter -MaxEvents $Limit -ErrorAction Stop)
        return $events
    }
    catch {
        $first = $_
    }
    if ([string]$first.FullyQualifiedErrorId -like 'NoMatchingEventsFound*') {
        return
    }
    if ((Get-Cause -Record $first) -ne 'failed') {
        throw $first
    }
    # The cmdlet reports an error for each event whose message it cannot format, and Stop ends at the first one.
    # The events themselves are whole: ask again without Stop, and believe an answer only if there is one.
    $events = @(Get-WinEvent -FilterHashtable $Filter -MaxEvents $Limit -ErrorAction SilentlyContinue)
    if ($events.Count -eq 0) {
        throw $first
    }
    $events
}

function Get-ProviderEvent {
    # The newest events of one provider that match $Filter, at most $Limit, and whether there were more. Throws where the
    # provider is not there or none of its logs can be read.
    param([string]$Provider, $Logs, $Filter, [int]$Limit, [string]$What)
    $Filter['ProviderName'] = $Provider
    Assert-TimeLeft
    $found = @()
    try {
        # One more than is wanted tells "exactly the limit" from "more".
        $found = @(Get-LoggedEvent -Filter $Filter -Limit ($Limit + 1))
    }
    catch {
        # One unreadable log of a provider hides its readable ones: ask log by log.
        $refusal = $_
        if ((Get-Cause -Record $refusal) -ne 'denied') {
            throw $refusal
        }
        $answered = $false
        foreach ($log in $Logs) {
            $Filter['LogName'] = $log
            try {
                Assert-TimeLeft
                $found = $found + @(Get-LoggedEvent -Filter $Filter -Limit ($Limit + 1))
                $answered = $true
            }
            catch {
                Add-Gap -What $What -Why (Get-Cause -Record $_) -Detail ($log + ' ' + (Get-ErrorId -Record $_))
            }
        }
        if (-not $answered) {
            throw $refusal
        }
    }
    $records = New-Object -TypeName System.Collections.ArrayList
    foreach ($record in $found) {
        if ($null -ne $record -and $records.Count -lt $Limit) {
            $null = $records.Add($record)
        }
    }
    @{
        records = $records
        truncated = ($found.Count -gt $Limit)
    }
}

function Read-EventLog {
    # How far back one log reaches. Nothing where this Windows has no such log.
    param([string]$Name)
    $log = [ordered]@{
        log = $Name
        record_count = $null
        file_bytes = $null
        max_bytes = $null
        oldest_at = $null
        readable = $null
    }
    try {
        Assert-TimeLeft
        foreach ($information in @(Get-WinEvent -ListLog $Name -ErrorAction Stop)) {
            $log['record_count'] = ConvertTo-Plain -Value (Read-Property -Source $information -Name 'RecordCount') -Kind 'bytes'
            $log['file_bytes'] = ConvertTo-Plain -Value (Read-Property -Source $information -Name 'FileSize') -Kind 'bytes'
            $log['max_bytes'] = ConvertTo-Plain -Value (Read-Property -Source $information -Name 'MaximumSizeInBytes') -Kind 'bytes'
        }
    }
    catch {
        $why = Get-Cause -Record $_
        Add-Gap -What 'logs' -Why $why -Detail ($Name + ' ' + (Get-ErrorId -Record $_))
        if ($why -eq 'absent') {
            return
        }
    }
    try {
        foreach ($record in @(Get-WinEvent -LogName $Name -Oldest -MaxEvents 1 -ErrorAction Stop)) {
            $log['oldest_at'] = ConvertTo-Plain -Value $record.TimeCreated -Kind 'time'
        }
        $log['readable'] = $true
    }
    catch {
        if ([string]$_.FullyQualifiedErrorId -like 'NoMatchingEventsFound*') {
            $log['readable'] = $true
        }
        else {
            $why = Get-Cause -Record $_
            if ($why -eq 'denied') {
                $log['readable'] = $false
            }
            Add-Gap -What 'logs' -Why $why -Detail ($Name + ' ' + (Get-ErrorId -Record $_))
        }
    }
    $log
}
