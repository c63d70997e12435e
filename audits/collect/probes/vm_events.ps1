# Section vm_events: the single events of a VM's life, of backups and of the host's own start and end. No message text.

function Get-KnownVM {
    # The ids of all registered VMs, in lower case: a GUID in an event that equals one of them names that VM.
    $known = @{}
    try {
        foreach ($system in @(Get-RegisteredVM)) {
            $known[([string](Read-Property -Source $system -Name 'Name')).ToLowerInvariant()] = $true
        }
    }
    catch {
        Add-ErrorGap -Whats 'events.vm_id' -Record $_
    }
    $known
}

function Get-EventText {
    # The event's data as XML. An event that came from another session has no methods any more: the values alone, then.
    param($Record)
    if ($null -ne $Record.PSObject.Methods['ToXml']) {
        return [string]$Record.ToXml()
    }
    $text = ''
    foreach ($property in @(Read-Property -Source $Record -Name 'Properties')) {
        $value = [string](Read-Property -Source $property -Name 'Value')
        $text = $text + '<Data>' + $value.Replace('<', '&lt;') + '</Data>'
    }
    $text
}

function Get-EventVM {
    # The id of the VM that an event is about, in lower case, from the event's data. Angle brackets in a VM's name are
    # escaped there, so that no name can pass for an element.
    param($Record, $Known)
    $xml = Get-EventText -Record $Record
    if ($xml -match ('<VmId[^>]*>\s*\{?(' + $GuidPattern + ')')) {
        return $Matches[1].ToLowerInvariant()
    }
    foreach ($piece in ($xml -split '[^0-9a-fA-F-]+')) {
        if ($piece.Length -eq 36 -and $Known.ContainsKey($piece.ToLowerInvariant())) {
            return $piece.ToLowerInvariant()
        }
    }
    $null
}

function Read-LifeEvent {
    # One row for each record. Where VMs are not asked for ($Known is null), none is looked for.
    param([string]$Provider, $Records, $Known)
    foreach ($record in $Records) {
        $row = [ordered]@{
            log = ConvertTo-Plain -Value $record.LogName -Kind 'text'
            provider = $Provider
            event_id = [int]$record.Id -band 65535
            version = ConvertTo-Plain -Value $record.Version -Kind 'int'
            level = ConvertTo-Plain -Value $record.Level -Kind 'int'
            record_id = ConvertTo-Plain -Value $record.RecordId -Kind 'bytes'
            at = ConvertTo-Plain -Value $record.TimeCreated -Kind 'time'
            vm_id = $null
        }
        if ($null -ne $Known) {
            try {
                $row['vm_id'] = Get-EventVM -Record $record -Known $Known
            }
            catch {
                Add-ErrorGap -Whats 'events.vm_id' -Record $_
            }
        }
        $row
    }
}

function Read-Meaning {
    # What the host's own manifest says of these ids of one provider. The text is localised and only shown.
    param([string]$Provider, $Ids)
    foreach ($metadata in @(Get-WinEvent -ListProvider $Provider -ErrorAction Stop)) {
        foreach ($event_type in @(Read-Property -Source $metadata -Name 'Events')) {
            if ($null -eq $event_type -or $null -eq $event_type.Id) {
                continue
            }
            # The number may carry qualifiers above its low 16 bits, and the level is an object.
            $number = [int]([int64]$event_type.Id -band 65535)
            if ($number -notin $Ids) {
                continue
            }
            $meaning = [ordered]@{
                provider = $Provider
                event_id = $number
                version = ConvertTo-Plain -Value $event_type.Version -Kind 'int'
                level = ConvertTo-Plain -Value (Read-Property -Source $event_type.Level -Name 'Value') -Kind 'int'
                text = $null
            }
            $text = ''
            try {
                # The manifest's messages lie in a file of their own, which may be missing: that the id is known remains.
                $text = [string](Read-Property -Source $event_type -Name 'Description')
            }
            catch {
                Add-ErrorGap -Whats 'meanings.text' -Record $_
            }
            if ($text.Length -gt 200) {
                $text = $text.Substring(0, 200)
            }
            if ($text.Length -gt 0) {
                $meaning['text'] = $text
            }
            $meaning
        }
    }
}

function Read-VMEvent {
    param([int]$Days, [int]$Limit)
    $data = [ordered]@{
        window_days = $null
        window_from = $null
        window_to = $null
        events = $null
        sources = $null
        logs = $null
        meanings = $null
    }
    # From midnight UTC, so that old events leave the window once a day and not between two audits of a quiet host. Told
    # as local time, which the cmdlet understands whether or not it looks at the kind of a [datetime].
    $now = [System.DateTime]::UtcNow
    $start = $now.Date.AddDays(-$Days).ToLocalTime()

    # Logs, numbers and whether VMs are named. Twenty numbers at most: a longer query is refused by the event log.
    $providers = [ordered]@{
        'Microsoft-Windows-Hyper-V-Worker' = @('Microsoft-Windows-Hyper-V-Worker-Admin', 'Microsoft-Windows-Hyper-V-Worker-Operational'), @(18500, 18502, 18504, 18508, 18510, 18512, 18514, 18515, 18516, 18518, 18528, 18560, 18596, 18608), $true
        'Microsoft-Windows-Hyper-V-VMMS' = @('Microsoft-Windows-Hyper-V-VMMS-Admin', 'Microsoft-Windows-Hyper-V-VMMS-Operational', 'Microsoft-Windows-Hyper-V-VMMS-Storage'), @(10102, 10103, 10104, 10107, 10111, 10150, 10172, 14070, 18012, 19070, 19080, 19090, 19100), $true
        'Microsoft-Windows-Kernel-General' = @('System'), @(12, 13), $false
        'EventLog' = @('System'), @(6005, 6006, 6008), $false
        'User32' = @('System'), @(1074), $false
        'Microsoft-Windows-FailoverClustering' = @('System', 'Microsoft-Windows-FailoverClustering/Operational'), @(1153, 1641), $false
        'Microsoft-Windows-Backup' = @('Microsoft-Windows-Backup'), @(1, 4, 5, 7, 8, 9, 14), $false
        'VSS' = @('Application'), @(8193, 8224, 8229, 12289, 12293, 12298, 12366), $false
    }
    $known = Get-KnownVM
    $events = New-Object -TypeName System.Collections.ArrayList
    $sources = New-Object -TypeName System.Collections.ArrayList
    $meanings = New-Object -TypeName System.Collections.ArrayList
    $logs = [ordered]@{}
    $read = $false
    $refused = $false
    $manifest = $false
    foreach ($provider in @($providers.Keys)) {
        $names_vms = $providers[$provider][2]
        foreach ($log in $providers[$provider][0]) {
            $logs[$log] = $true
        }
        $source = [ordered]@{
            provider = $provider
            read = $false
            truncated = $null
        }
        # What the host logs of itself is little; a quarter of the room keeps the whole answer bounded.
        $room = $Limit
        $ids_of_vms = $known
        if (-not $names_vms) {
            $room = [int]($Limit / 4)
            $ids_of_vms = $null
        }
        try {
            $filter = @{ Id = $providers[$provider][1]; StartTime = $start }
            $answer = Get-ProviderEvent -Provider $provider -Logs $providers[$provider][0] -Filter $filter -Limit $room -What 'sources'
            foreach ($row in @(Read-LifeEvent -Provider $provider -Records $answer['records'] -Known $ids_of_vms)) {
                $null = $events.Add($row)
            }
            $source['read'] = $true
            $source['truncated'] = $answer['truncated']
            $read = $true
            if ($answer['truncated']) {
                Add-Gap -What 'events' -Why 'truncated' -Detail $provider
            }
        }
        catch {
            $why = Get-Cause -Record $_
            if ($why -ne 'absent') {
                $refused = $true
            }
            Add-Gap -What 'sources' -Why $why -Detail ($provider + ' ' + (Get-ErrorId -Record $_))
        }
        $null = $sources.Add($source)
        if ($names_vms) {
            try {
                foreach ($meaning in @(Read-Meaning -Provider $provider -Ids $providers[$provider][1])) {
                    $null = $meanings.Add($meaning)
                }
                $manifest = $true
            }
            catch {
                Add-Gap -What 'meanings' -Why (Get-Cause -Record $_) -Detail ($provider + ' ' + (Get-ErrorId -Record $_))
            }
        }
    }
    if (-not $read -and -not $refused) {
        $Skip['reason'] = 'none of the providers of these events is on this Windows'
        return
    }
    if ($manifest) {
        $data['meanings'] = $meanings
    }
    $rows = @(foreach ($log in @($logs.Keys)) { Read-EventLog -Name $log })
    if ($read) {
        $data['events'] = $events
        $data['sources'] = $sources
        $data['logs'] = $rows
        $data['window_days'] = $Days
        $data['window_from'] = ConvertTo-Plain -Value $start -Kind 'time'
        $data['window_to'] = ConvertTo-Plain -Value $now -Kind 'time'
    }
    $data
}
