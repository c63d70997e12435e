# Section guests: what guests say of themselves, each asked through PowerShell Direct with the credential meant for it.

function ConvertFrom-GuestList {
    # The guests to ask, from 'VM id,number of its credential,seconds' joined by semicolons. What is no VM id is left out.
    param([string]$List)
    foreach ($entry in $List.Split(';')) {
        $parts = @($entry.Split(','))
        $vm_id = $parts[0].Trim().ToLowerInvariant()
        if ($vm_id -match ('^' + $GuidPattern + '$')) {
            $request = @{ vm_id = $vm_id; credential = 0; seconds = 30; asked = $false }
            if ($parts.Count -gt 1) {
                $request['credential'] = [int]$parts[1]
            }
            if ($parts.Count -gt 2) {
                $request['seconds'] = [int]$parts[2]
            }
            $request
        }
    }
}

function ConvertTo-GuestAnswer {
    # A guest's row before it has answered.
    param([string]$VMId, [string]$Status, $Reason)
    $answer = [ordered]@{
        vm_id = $VMId
        channel = 'powershell_direct'
        status = $Status
        reason = $Reason
        duration_ms = 0
        answer = $null
    }
    $answer
}

function Invoke-Guest {
    # Starts to ask one guest and does not wait. -VMId, as names are not unique and whoever runs a VM may choose its name.
    param([string]$VMId, $Credential, [int]$Seconds)
    Invoke-Command -VMId $VMId -Credential $Credential -ScriptBlock $GuestProbe -ArgumentList $EventDays, $Seconds -AsJob -ErrorAction Stop
}

function Test-SignInRefused {
    # PowerShell Direct has one exception of its own, for a sign-in that the guest refused; its text is localised.
    param($Record)
    for ($exception = $Record.Exception; $null -ne $exception; $exception = $exception.InnerException) {
        if ($exception.GetType().Name -eq 'PSDirectException') {
            return $true
        }
    }
    $false
}

function Read-GuestJob {
    # The one string that the guest packed, or null where it sent something else. The guest wrote it: it is handed on
    # unread, and only if it is short and plain base64. 32,768 characters: a server with 200 volumes needs 8,000.
    param($Job, [int]$Seconds)
    $ended = @(Wait-Job -Job $Job -Timeout $Seconds -ErrorAction Stop)
    if ($ended.Count -eq 0) {
        $timeout = New-Object -TypeName System.TimeoutException
        throw $timeout
    }
    $told = @(Receive-Job -Job $Job -ErrorAction Stop)
    if ($told.Count -eq 1 -and $told[0] -is [string] -and $told[0].Length -le 32768 -and $told[0] -match '^[A-Za-z0-9+/=]+$') {
        return [string]$told[0]
    }
    $null
}

function Write-GuestFailure {
    # How asking a guest failed, into its row: an error's id or type, and never its message.
    param($Answer, $Record)
    if (Test-SignInRefused -Record $Record) {
        $Answer['status'] = 'denied'
        $Answer['reason'] = 'denied: PSDirectException'
        return
    }
    $why = Get-Cause -Record $Record
    $Answer['status'] = 'error'
    if ($why -eq 'denied' -or $why -eq 'timed_out') {
        $Answer['status'] = $why
    }
    $Answer['reason'] = $why + ': ' + (Get-ErrorId -Record $Record)
}

function Read-GuestBatch {
    # Asks these guests at the same time; one row each, in their order.
    param($Guests, $Credentials, [int]$Left)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $asked = @(foreach ($guest in $Guests) {
        $answer = ConvertTo-GuestAnswer -VMId $guest['vm_id'] -Status 'ok' -Reason $null
        $job = $null
        $seconds = $guest['seconds']
        if ($seconds -gt $Left) {
            $seconds = $Left
        }
        try {
            # 5 seconds less than we wait: a guest that gives up on its writers still answers.
            $writer_seconds = $seconds - 5
            if ($writer_seconds -lt 1) {
                $writer_seconds = 1
            }
            $credential = $Credentials[$guest['credential']]
            # Without one, the cmdlet would ask a person who is not there.
            if ($null -ne $credential) {
                $job = Invoke-Guest -VMId $guest['vm_id'] -Credential $credential -Seconds $writer_seconds
            }
            else {
                $answer['status'] = 'error'
                $answer['reason'] = 'failed: no credential of this number'
            }
        }
        catch {
            Write-GuestFailure -Answer $answer -Record $_
        }
        @{ answer = $answer; job = $job; seconds = $seconds }
    })
    foreach ($each in $asked) {
        $answer = $each['answer']
        if ($null -ne $each['job']) {
            try {
                $seconds = $each['seconds'] - [int]($watch.ElapsedMilliseconds / 1000)
                if ($seconds -lt 1) {
                    $seconds = 1
                }
                $answer['answer'] = Read-GuestJob -Job $each['job'] -Seconds $seconds
                if ($null -eq $answer['answer']) {
                    $answer['status'] = 'error'
                    $answer['reason'] = 'refused: the guest sent something else than one short answer'
                }
            }
            catch {
                Write-GuestFailure -Answer $answer -Record $_
            }
        }
        $answer['duration_ms'] = [int]$watch.ElapsedMilliseconds
        $answer
    }
}

function Group-Guest {
    # The guests to ask next, eight at most. Until a guest has taken a credential, it is tried on one guest at a time.
    param($Guests, $Proven, $Refusals)
    $batch = @()
    $trying = @{}
    foreach ($guest in $Guests) {
        $number = [string]$guest['credential']
        $may = -not $guest['asked'] -and $batch.Count -lt 8
        if ($Refusals[$number] -ge 2 -or ($trying.ContainsKey($number) -and -not $Proven.ContainsKey($number))) {
            $may = $false
        }
        if ($may) {
            $batch = $batch + $guest
            $trying[$number] = $true
        }
    }
    $batch
}

function Read-Guest {
    param([string]$List, $Credentials, [int]$Seconds)
    $data = [ordered]@{
        guests = $null
    }
    $guests = @(ConvertFrom-GuestList -List $List)
    if (@($Credentials).Count -eq 0 -or $guests.Count -eq 0) {
        $Skip['reason'] = 'no guest credential is set'
        return
    }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $rows = New-Object -TypeName System.Collections.ArrayList
    $proven = @{}
    $refusals = @{}
    $characters = 0
    $batch = @(Group-Guest -Guests $guests -Proven $proven -Refusals $refusals)
    while ($batch.Count -gt 0) {
        $left = $Seconds - [int]($watch.ElapsedMilliseconds / 1000)
        if ($left -lt 1) {
            break
        }
        $number = 0
        foreach ($row in @(Read-GuestBatch -Guests $batch -Credentials $Credentials -Left $left)) {
            $key = [string]$batch[$number]['credential']
            $batch[$number]['asked'] = $true
            $number = $number + 1
            if ($row['status'] -eq 'ok') {
                $proven[$key] = $true
                # 1,048,576: half of what a section may hold.
                $characters = $characters + $row['answer'].Length
                if ($characters -gt 1048576) {
                    $row['status'] = 'error'
                    $row['reason'] = 'truncated: all guests together answered too much'
                    $row['answer'] = $null
                }
            }
            if ($row['reason'] -eq 'denied: PSDirectException') {
                $refusals[$key] = [int]$refusals[$key] + 1
            }
            $null = $rows.Add($row)
        }
        $batch = @(Group-Guest -Guests $guests -Proven $proven -Refusals $refusals)
    }
    foreach ($guest in $guests) {
        if (-not $guest['asked']) {
            $row = ConvertTo-GuestAnswer -VMId $guest['vm_id'] -Status 'timed_out' -Reason 'no time left'
            if ($refusals[[string]$guest['credential']] -ge 2) {
                $row['status'] = 'skipped'
                $row['reason'] = 'not tried: two guests refused this credential'
            }
            $null = $rows.Add($row)
        }
    }
    $data['guests'] = $rows
    $data
}
