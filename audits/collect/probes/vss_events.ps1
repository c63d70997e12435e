# Section vss_events: how often backup-related events were logged, by provider and id. No message text.

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
    $filter = @{ StartTime = $Start }
    if ($null -ne $Levels) {
        $filter['Level'] = $Levels
    }
    $answer = Get-ProviderEvent -Provider $Provider -Logs $Logs -Filter $filter -Limit $Limit -What 'counts'
    foreach ($record in $answer['records']) {
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
    $answer['truncated']
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
            Assert-TimeLeft
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
