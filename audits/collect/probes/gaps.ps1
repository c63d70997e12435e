# What could not be read, and why. Decided on types and ids; message text is localised and never looked at.

function Get-ErrorId {
    # The FullyQualifiedErrorId, or the exception's type where the id is only the message again.
    param($Record)
    $exception = $Record.Exception
    $id = [string]$Record.FullyQualifiedErrorId
    $message = ''
    if ($null -ne $exception) {
        $message = [string]$exception.Message
    }
    $repeats = $message.Length -gt 0 -and $id.StartsWith($message, [System.StringComparison]::Ordinal)
    if (($id.Length -eq 0 -or $repeats) -and $null -ne $exception) {
        $id = $exception.GetType().FullName
    }
    if ($id.Length -gt 200) {
        $id = $id.Substring(0, 200)
    }
    $id
}

function Get-Cause {
    # One of the envelope's reasons for a gap: denied, absent, timed_out, failed.
    param($Record)
    $id = [string]$Record.FullyQualifiedErrorId
    # 0x80070005 E_ACCESSDENIED and 0x80041003 WBEM_E_ACCESS_DENIED, as Get-CimInstance puts them into the id.
    if ($id -match '^(AccessDenied|UnauthorizedAccess|PermissionDenied|LogInfoUnavailable)' -or
        $id -match '0x80070005|0x80041003') {
        return 'denied'
    }
    # Class, namespace or object not found: 0x80041010, 0x8004100e, 0x80041002.
    if ($id -match '^(CommandNotFoundException|CouldNotAutoLoadModule|NamedParameterNotFound|DriveNotFound|PathNotFound)' -or
        $id -match '^(NoMatchingProvidersFound|NoMatchingLogsFound|LogsAndProvidersDontOverlap)' -or
        $id -match '0x80041010|0x8004100e|0x80041002') {
        return 'absent'
    }
    $category = ''
    if ($null -ne $Record.CategoryInfo) {
        $category = [string]$Record.CategoryInfo.Category
    }
    if ($category -eq 'PermissionDenied' -or $category -eq 'SecurityError' -or $category -eq 'AuthenticationError') {
        return 'denied'
    }
    if ($category -eq 'OperationTimeout') {
        return 'timed_out'
    }
    for ($exception = $Record.Exception; $null -ne $exception; $exception = $exception.InnerException) {
        if ($exception -is [System.UnauthorizedAccessException] -or $exception -is [System.Security.SecurityException]) {
            return 'denied'
        }
        if ($exception -is [System.Management.Automation.CommandNotFoundException] -or
            $exception -is [System.PlatformNotSupportedException]) {
            return 'absent'
        }
        if ($exception -is [System.TimeoutException]) {
            return 'timed_out'
        }
        # The name of a member of an enum (CimException) is not localised; a Win32Exception has a number here.
        $native = ''
        if ($null -ne $exception.PSObject.Properties['NativeErrorCode']) {
            $native = [string]$exception.NativeErrorCode
        }
        # Win32: 5 access denied, 740 elevation required, 2 file not found.
        if ($native -in @('AccessDenied', '5', '740')) {
            return 'denied'
        }
        if ($native -in @('InvalidClass', 'InvalidNamespace', 'NotFound', '2')) {
            return 'absent'
        }
    }
    'failed'
}

function Add-Gap {
    # Records once that $What could not be read. $Gaps and $KnownGaps belong to Invoke-Section, which calls the section.
    param([string]$What, [string]$Why, [string]$Detail)
    $key = $What + '|' + $Why + '|' + $Detail
    # 500 is half of what the envelope may hold; gaps are kept once each, so only a broken host has more.
    if ($Gaps.Count -ge 500 -or $KnownGaps.ContainsKey($key)) {
        return
    }
    $KnownGaps[$key] = $true
    $gap = [ordered]@{
        what = $What
        why = $Why
        detail = $null
    }
    if ($Detail.Length -gt 0) {
        $gap['detail'] = $Detail
    }
    $null = $Gaps.Add($gap)
}

function Add-ErrorGap {
    # Records what an error record stands for. $Whats: one field path or several.
    param($Whats, $Record)
    $why = Get-Cause -Record $Record
    $detail = Get-ErrorId -Record $Record
    if ($why -eq 'timed_out' -and $null -ne $SectionWatch) {
        $detail = Get-TimeSpent
    }
    foreach ($what in @($Whats)) {
        Add-Gap -What $what -Why $why -Detail $detail
    }
}
