# How long a section may take. Asked between two items, as a cmdlet that hangs cannot be ended from inside: what hangs
# is ended from outside, by the deadline of the audit. Inside a guest there is no watch, and the host's limit counts.

function Test-TimeLeft {
    # $SectionWatch belongs to Invoke-Section, which calls the section.
    if ($null -eq $SectionWatch) {
        return $true
    }
    $SectionWatch.Elapsed.TotalSeconds -lt $SectionSeconds
}

function Get-TimeSpent {
    # As the reason of a gap says it: `after 61 s`.
    'after ' + [string][int]$SectionWatch.Elapsed.TotalSeconds + ' s'
}

function Assert-TimeLeft {
    # Half a list would look like a result, so the whole list is given up.
    if (-not (Test-TimeLeft)) {
        $timeout = New-Object -TypeName System.TimeoutException
        throw $timeout
    }
}
