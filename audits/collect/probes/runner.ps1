# Runs one section after the other; what fails in one is lost in that one only.

function Test-AnythingRead {
    param($Data)
    foreach ($key in @($Data.Keys)) {
        if ($null -ne $Data[$key]) {
            return $true
        }
    }
    $false
}

function Read-Section {
    # The section's data, an ordered dictionary with exactly the fields of its evidence type.
    param([string]$Name)
    switch ($Name) {
        'identity' {
            return Read-Identity
        }
        'services' {
            return Read-Service
        }
        'volumes' {
            return Read-Volume
        }
        'cluster' {
            return Read-Cluster
        }
        'vms' {
            return Read-VM
        }
        'guest_facts' {
            return Read-GuestFact
        }
        'vss_events' {
            return Read-VssEvent -Days $EventDays -Limit $EventLimit
        }
        'vm_events' {
            return Read-VMEvent -Days $EventDays -Limit $VMEventLimit
        }
        'jobs' {
            return Read-Job
        }
        'writers' {
            return Read-Writer -Seconds $WriterSeconds
        }
        'guests' {
            return Read-Guest -List $GuestList -Credentials $GuestCredentials -Seconds $GuestSeconds
        }
    }
    throw 'no such section'
}

function Invoke-Section {
    # One envelope as text. A section that throws is denied or an error; one that names a reason in $Skip is skipped.
    param([string]$Name)
    $SectionWatch = [System.Diagnostics.Stopwatch]::StartNew()
    $Gaps = New-Object -TypeName System.Collections.ArrayList
    $KnownGaps = @{}
    $Skip = @{ reason = $null }
    $envelope = [ordered]@{
        section = $Name
        schema_version = 1
        probe_version = $ProbeVersion
        status = 'ok'
        reason = $null
        duration_ms = 0
        gaps = $Gaps
        data = $null
    }
    try {
        $data = Read-Section -Name $Name
        if ($null -ne $Skip['reason']) {
            $envelope['status'] = 'skipped'
            $envelope['reason'] = $Skip['reason']
        }
        elseif ($Gaps.Count -gt 0 -and -not (Test-AnythingRead -Data $data)) {
            # Nothing at all could be read: the worst reason among the gaps is the section's own.
            $envelope['status'] = 'error'
            foreach ($why in @('timed_out', 'denied')) {
                foreach ($gap in @($Gaps)) {
                    if ($gap['why'] -eq $why) {
                        $envelope['status'] = $why
                    }
                }
            }
            $envelope['reason'] = $Gaps[0]['why'] + ': ' + [string]$Gaps[0]['detail']
            if ($envelope['status'] -eq 'timed_out') {
                $envelope['reason'] = 'timed out ' + (Get-TimeSpent)
            }
        }
        else {
            $envelope['data'] = $data
        }
    }
    catch {
        $why = Get-Cause -Record $_
        $envelope['status'] = 'error'
        if ($why -eq 'denied' -or $why -eq 'timed_out') {
            $envelope['status'] = $why
        }
        $envelope['reason'] = $why + ': ' + (Get-ErrorId -Record $_)
        if ($why -eq 'timed_out') {
            $envelope['reason'] = 'timed out ' + (Get-TimeSpent)
        }
    }
    $envelope['duration_ms'] = [int]$SectionWatch.ElapsedMilliseconds
    try {
        return ConvertTo-Packed -Envelope $envelope
    }
    catch {
        # What was read cannot be written: say so, without it.
        $envelope['status'] = 'error'
        $envelope['reason'] = 'failed: ' + (Get-ErrorId -Record $_)
        $envelope['gaps'] = @()
        $envelope['data'] = $null
        return ConvertTo-Packed -Envelope $envelope
    }
}

foreach ($name in $Sections.Split(',')) {
    $name = $name.Trim()
    if ($name.Length -gt 0) {
        Write-Output -InputObject (Invoke-Section -Name $name)
    }
}
