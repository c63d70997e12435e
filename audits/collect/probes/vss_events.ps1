# Section vss_events: how often backup-related events were logged, by provider and id. No message text.

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

function Get-EventCode {
    # HRESULTs in the data of an event, lower case. Only the numbers: the words around them are localised.
    param($Record)
    foreach ($property in @(Read-Property -Source $Record -Name 'Properties')) {
        $text = [string](Read-Property -Source $property -Name 'Value')
        if ($text -match '(0x[0-9a-fA-F]{8})') {
            $Matches[1].ToLowerInvariant()
        }
    }
}

function Read-ProviderEvent {
    # Counts one provider's events into $Counts by id and level. True if there were more than the limit.
    param([string]$Provider, $Logs, $Levels, $Start, [int]$Limit, $Counts)
    $filter = @{ ProviderName = $Provider; StartTime = $Start }
    if ($null -ne $Levels) {
        $filter['Level'] = $Levels
    }
    $found = @()
    try {
        # One more than is counted tells "exactly the limit" from "more".
        $found = @(Get-LoggedEvent -Filter $filter -Limit ($Limit + 1))
    }
    catch {
        # One unreadable log of a provider hides its readable ones: ask log by log.
        $refusal = $_
        if ((Get-Cause -Record $refusal) -ne 'denied') {
            throw $refusal
        }
        $answered = $false
        foreach ($log in $Logs) {
            $filter['LogName'] = $log
            try {
                $found = $found + @(Get-LoggedEvent -Filter $filter -Limit ($Limit + 1))
                $answered = $true
            }
            catch {
                Add-Gap -What 'counts' -Why (Get-Cause -Record $_) -Detail ($log + ' ' + (Get-ErrorId -Record $_))
            }
        }
        if (-not $answered) {
            throw $refusal
        }
    }
    $counted = 0
    foreach ($record in $found) {
        if ($null -ne $record -and $counted -lt $Limit) {
            $counted = $counted + 1
            $level = ConvertTo-Plain -Value $record.Level -Kind 'int'
            $key = $Provider + '|' + [string]$record.Id + '|' + [string]$level
            if (-not $Counts.Contains($key)) {
                $Counts[$key] = [ordered]@{
                    provider = $Provider
                    event_id = [int]$record.Id
                    level = $level
                    count = 0
                    first_at = $null
                    last_at = $null
                    codes = $null
                }
            }
            $count = $Counts[$key]
            $count['count'] = $count['count'] + 1
            if ($Provider -eq 'VSS' -and [int]$record.Id -eq 8193) {
                # "Unexpected error": the code says which, and one of them means that the list of VMs did not fit.
                if ($null -eq $count['codes']) {
                    $count['codes'] = New-Object -TypeName System.Collections.ArrayList
                }
                foreach ($code in @(Get-EventCode -Record $record)) {
                    if ($null -ne $code -and $count['codes'].Count -lt 20 -and -not $count['codes'].Contains($code)) {
                        $null = $count['codes'].Add($code)
                    }
                }
            }
            $time = ConvertTo-Plain -Value $record.TimeCreated -Kind 'time'
            if ($null -ne $time) {
                # Round-trip times in UTC have one length: their order as text is their order in time.
                if ($null -eq $count['first_at'] -or [string]::CompareOrdinal($time, $count['first_at']) -lt 0) {
                    $count['first_at'] = $time
                }
                if ($null -eq $count['last_at'] -or [string]::CompareOrdinal($time, $count['last_at']) -gt 0) {
                    $count['last_at'] = $time
                }
            }
        }
    }
    $found.Count -gt $Limit
}

function Read-EventLog {
    # How far back one log reaches. Nothing where this Windows has no such log.
    param([string]$Name)
    $log = [ordered]@{
        log = $Name
        record_count = $null
        oldest_at = $null
        readable = $null
    }
    try {
        foreach ($information in @(Get-WinEvent -ListLog $Name -ErrorAction Stop)) {
            $log['record_count'] = ConvertTo-Plain -Value (Read-Property -Source $information -Name 'RecordCount') -Kind 'bytes'
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

function Read-VssEvent {
    param([int]$Days, [int]$Limit)
    $data = [ordered]@{
        window_days = $null
        window_from = $null
        window_to = $null
        counts = $null
        logs = $null
        truncated = $null
    }
    # A [datetime]: the cmdlet would read text with the session's culture.
    $now = [System.DateTime]::Now
    $start = $now.AddDays(-$Days)

    # The VHD stack logs each opening of a file: of that provider only critical, error and warning.
    $providers = [ordered]@{
        'VSS' = @('Application'), $null
        'volsnap' = @('System'), $null
        'Microsoft-Windows-Hyper-V-VMMS' = @('Microsoft-Windows-Hyper-V-VMMS-Admin', 'Microsoft-Windows-Hyper-V-VMMS-Operational', 'Microsoft-Windows-Hyper-V-VMMS-Storage'), $null
        'Microsoft-Windows-Hyper-V-Worker' = @('Microsoft-Windows-Hyper-V-Worker-Admin', 'Microsoft-Windows-Hyper-V-Worker-Operational'), $null
        'Microsoft-Windows-Backup' = @('Microsoft-Windows-Backup'), $null
        'Microsoft-Windows-VHDMP' = @('Microsoft-Windows-VHDMP-Operational'), @(1, 2, 3)
    }
    $counts = [ordered]@{}
    $logs = New-Object -TypeName System.Collections.ArrayList
    $read = $false
    $truncated = $false
    foreach ($provider in @($providers.Keys)) {
        foreach ($log in $providers[$provider][0]) {
            $null = $logs.Add($log)
        }
        try {
            $more = Read-ProviderEvent -Provider $provider -Logs $providers[$provider][0] -Levels $providers[$provider][1] -Start $start -Limit $Limit -Counts $counts
            $read = $true
            if ($more) {
                $truncated = $true
                Add-Gap -What 'counts' -Why 'truncated' -Detail $provider
            }
        }
        catch {
            Add-Gap -What 'counts' -Why (Get-Cause -Record $_) -Detail ($provider + ' ' + (Get-ErrorId -Record $_))
        }
    }
    if ($read) {
        $data['counts'] = @($counts.Values)
        $data['truncated'] = $truncated
    }
    $rows = @(foreach ($log in $logs) { Read-EventLog -Name $log })
    foreach ($row in $rows) {
        if ($row['readable'] -eq $true -or $null -ne $row['record_count']) {
            $data['logs'] = $rows
        }
    }
    # A window in which nothing could be looked at is no evidence.
    if ($read -or $null -ne $data['logs']) {
        $data['window_days'] = $Days
        $data['window_from'] = ConvertTo-Plain -Value $start -Kind 'time'
        $data['window_to'] = ConvertTo-Plain -Value $now -Kind 'time'
    }
    $data
}
