# Fleet Audit capture kit 1
# Reads what no public source says of Hyper-V and VSS on this Windows, and prints it as one JSON text with every name,
# id, path and address replaced. It changes nothing, writes no file and sends nothing: look at what it printed, then
# send it if you like. How to run it, and the lab steps between two runs, are in docs/capture-kit.md.
param(
    # Your own random text, at least 16 characters. With it the same name gets the same replacement in every bundle;
    # keep it: without it nobody can tell what stands behind a replacement.
    [string]$Salt = '',
    # What was changed before this run, in your own words, such as: backup service switched off on VM 2.
    [string]$Label = '',
    # Limit for each of the two native programs.
    [int]$ProgramSeconds = 120
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$KitVersion = '1'
$SectionSeconds = 120
$VirtualizationNamespace = 'root/virtualization/v2'
$GuidPattern = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
$HyperVWriter = '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de'
# Ids that are the same on every Windows and name nobody: the Hyper-V writer, and the integration components.
$PublicIds = @(
    '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de',
    '5ced1297-4598-4915-a5fc-ad21bb4d02a4',
    '84eaae65-2f2e-45f5-9bb5-0e857dc8eb47',
    '2a34b1c2-fd73-4043-8a5b-dd2159bc743f',
    '9f8233ac-be49-4c79-8ee3-e7e1985b2077',
    '2497f4de-e9fa-4204-80e4-4b75c46419c0',
    '6c09bb55-d683-4da0-8931-c9bf705f6480'
)

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

# Objects become rows of plain values. Null stays null: [int]$null is 0 and [bool]$null is False, which would be lies.

function ConvertTo-Plain {
    # One value as null, string, number or boolean. Lists are made by Read-Row, as a function would unroll them.
    param($Value, [string]$Kind)
    if ($null -eq $Value) {
        return $null
    }
    # Absent knowledge is null and never ''; and [int]'' would be 0.
    if ($Value -is [string] -and $Value.Length -eq 0) {
        return $null
    }
    switch ($Kind) {
        'text' {
            return [string]$Value
        }
        'path' {
            return [string]$Value
        }
        'guid' {
            $guid = ([string]$Value -replace '[{}]', '').ToLowerInvariant()
            if ($guid -eq '00000000-0000-0000-0000-000000000000') {
                return $null
            }
            return $guid
        }
        'int' {
            return [int]$Value
        }
        'long' {
            return [int64]$Value
        }
        'bytes' {
            return [uint64]$Value
        }
        'kilobytes' {
            return [uint64]([decimal]$Value * 1024)
        }
        'bool' {
            if ($Value -is [bool]) {
                return $Value
            }
            return ([int]$Value -ne 0)
        }
        'time' {
            # Round-trip format: ISO 8601 in every culture.
            return ([datetime]$Value).ToUniversalTime().ToString('o', [System.Globalization.CultureInfo]::InvariantCulture)
        }
    }
    throw 'no such kind of value'
}

function Limit-Text {
    # Evidence types take 4,096 characters of text and 32,767 of a path; a longer one would make the section unreadable.
    param([string]$Value, [string]$Kind, [string]$What)
    $limit = 4096
    if ($Kind -eq 'path') {
        $limit = 32767
    }
    if ($Kind -eq 'guid') {
        $limit = 64
    }
    if ($Value.Length -gt $limit) {
        Add-Gap -What $What -Why 'truncated' -Detail ''
        return $Value.Substring(0, $limit)
    }
    $Value
}

function Read-Row {
    # One row of a list, or the section's own fields. $Fields: name of the field = name of the property, kind of value.
    # A property that is missing or fails loses only its field. A field without a property is left to the caller.
    param($Source, $Fields, [string]$What)
    if ($null -eq $Source) {
        return
    }
    $row = [ordered]@{}
    foreach ($field in @($Fields.Keys)) {
        $row[$field] = $null
        if ($null -eq $Fields[$field]) {
            continue
        }
        $path = $field
        if ($What.Length -gt 0) {
            $path = $What + '.' + $field
        }
        $property = $Fields[$field][0]
        $kind = $Fields[$field][1]
        try {
            $value = $Source
            foreach ($step in $property.Split('.')) {
                if ($null -ne $value) {
                    $member = $value.PSObject.Properties[$step]
                    $value = $null
                    if ($null -ne $member) {
                        $value = $member.Value
                    }
                    else {
                        Add-Gap -What $path -Why 'absent' -Detail $property
                    }
                }
            }
            if ($null -ne $value) {
                if ($kind -eq 'ints') {
                    $row[$field] = @(foreach ($item in $value) { if ($null -ne $item) { [int]$item } })
                }
                elseif ($kind -eq 'count') {
                    $row[$field] = @($value).Count
                }
                else {
                    $plain = ConvertTo-Plain -Value $value -Kind $kind
                    if ($plain -is [string] -and $plain.Length -gt 64) {
                        $plain = Limit-Text -Value $plain -Kind $kind -What $path
                    }
                    $row[$field] = $plain
                }
            }
        }
        catch {
            $row[$field] = $null
            Add-ErrorGap -Whats $path -Record $_
        }
    }
    $row
}

function Read-Table {
    # One row for each item. A row without its $Key cannot be told from others and is left out.
    param($Items, $Fields, [string]$What, [string]$Key)
    foreach ($item in $Items) {
        Assert-TimeLeft
        if ($null -eq $item) {
            # Nothing was found, said as one null instead of no item at all.
            continue
        }
        $row = Read-Row -Source $item -Fields $Fields -What $What
        if ($null -ne $row -and $null -ne $row[$Key]) {
            $row
        }
        else {
            Add-Gap -What $What -Why 'failed' -Detail ('a row without ' + $Key)
        }
    }
}

function Read-Property {
    # A property's value, or null where the object does not have it.
    param($Source, [string]$Name)
    if ($null -eq $Source) {
        return $null
    }
    $member = $Source.PSObject.Properties[$Name]
    if ($null -eq $member) {
        return $null
    }
    $member.Value
}

# A JSON writer of its own: ConvertTo-Json differs from 3.0 to 7 in arrays, dates, escapes, depth and speed.
# It meets only what the rows hold: null, text, booleans, whole numbers, lists and ordered dictionaries.

function ConvertTo-JsonText {
    param([string]$Text)
    $escaped = $Text.Replace('\', '\\').Replace('"', '\"')
    if ($escaped -match '[\x00-\x1f]') {
        $clean = New-Object -TypeName System.Text.StringBuilder
        foreach ($character in $escaped.ToCharArray()) {
            $code = [int]$character
            if ($code -lt 32) {
                $null = $clean.Append('\u' + $code.ToString('x4'))
            }
            else {
                $null = $clean.Append($character)
            }
        }
        $escaped = $clean.ToString()
    }
    '"' + $escaped + '"'
}

function Write-Json {
    # Appends $Value to $Builder.
    param($Value, $Builder)
    if ($null -eq $Value) {
        $null = $Builder.Append('null')
    }
    elseif ($Value -is [string]) {
        $null = $Builder.Append((ConvertTo-JsonText -Text $Value))
    }
    elseif ($Value -is [bool]) {
        $null = $Builder.Append(([string]$Value).ToLowerInvariant())
    }
    elseif ($Value -is [System.Collections.IDictionary]) {
        $separator = '{'
        foreach ($key in @($Value.Keys)) {
            $null = $Builder.Append($separator + '"' + $key + '":')
            Write-Json -Value $Value[$key] -Builder $Builder
            $separator = ','
        }
        if ($separator -eq '{') {
            $null = $Builder.Append('{')
        }
        $null = $Builder.Append('}')
    }
    elseif ($Value -is [System.Collections.IEnumerable]) {
        $separator = ''
        $null = $Builder.Append('[')
        foreach ($item in $Value) {
            $null = $Builder.Append($separator)
            Write-Json -Value $item -Builder $Builder
            $separator = ','
        }
        $null = $Builder.Append(']')
    }
    else {
        # A cast to string is culture-invariant; ToString() is not.
        $null = $Builder.Append([string]$Value)
    }
}

function ConvertTo-Packed {
    # base64(gzip(UTF-8 JSON)): a quarter of the bytes, and one plain string whatever the text holds.
    param($Envelope)
    $builder = New-Object -TypeName System.Text.StringBuilder
    Write-Json -Value $Envelope -Builder $builder
    $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    $bytes = $encoding.GetBytes($builder.ToString())
    $memory = New-Object -TypeName System.IO.MemoryStream
    $mode = [System.IO.Compression.CompressionMode]::Compress
    $gzip = New-Object -TypeName System.IO.Compression.GZipStream -ArgumentList $memory, $mode
    $gzip.Write($bytes, 0, $bytes.Length)
    $gzip.Close()
    [System.Convert]::ToBase64String($memory.ToArray())
}

# The two native programs that are asked, and the list of writers that vssadmin prints. Neither writes anything.

function Read-NativeList {
    # What `vssadmin list writers`, or diskshadow fed with `list writers detailed`, prints. Writes nothing on the host.
    # Throws TimeoutException after $Milliseconds, when the program has been ended.
    param([string]$Program, [int]$Milliseconds)
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $feed = ''
    if ($Program -eq 'vssadmin') {
        $start.FileName = [System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'vssadmin.exe')
        $start.Arguments = 'list writers'
    }
    if ($Program -eq 'diskshadow') {
        $start.FileName = [System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'diskshadow.exe')
        $start.Arguments = ''
        $feed = "list writers detailed`r`nexit`r`n"
    }
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = New-Object -TypeName System.Diagnostics.Process
    $process.StartInfo = $start
    $null = $process.Start()
    # Both streams are read while the program runs: a full pipe would stop it for good.
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    try {
        # Bytes and not the writer on top of them, which may begin with a byte order mark.
        $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
        $bytes = $encoding.GetBytes($feed)
        $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
        $process.StandardInput.BaseStream.Close()
    }
    catch {
        # A program that does not read has closed its end: what it printed still counts.
    }
    if (-not $process.WaitForExit($Milliseconds)) {
        try {
            $process.Kill()
        }
        catch {
            # It ended in this moment.
        }
        $timeout = New-Object -TypeName System.TimeoutException
        throw $timeout
    }
    # 5 seconds: what is in the pipe of a program that has ended comes at once, unless a child holds it open.
    $text = ''
    if ($output.Wait(5000)) {
        $text = [string]$output.Result
    }
    $null = $errors.Wait(1000)
    # UTF-16 read as bytes has a zero after each character.
    @{
        text = $text.Replace([string][char]0, '')
        exit_code = [int]$process.ExitCode
    }
}

function ConvertFrom-WriterList {
    # One row for each block with a GUID. The first GUID is the writer, the bracketed number its state; the words are
    # localised, and so may be the colon behind them (a wide one in Japanese).
    param([string]$Text)
    foreach ($block in ($Text -split '\r?\n[ \t]*\r?\n')) {
        $row = [ordered]@{
            writer_id = $null
            name = $null
            state = $null
            last_error = $null
        }
        foreach ($line in ($block -split '\r?\n')) {
            $value = ''
            if ($line -match '^[^:\uFF1A]*[:\uFF1A]\s*(.*?)\s*$') {
                $value = $Matches[1]
            }
            if ($line -match ('\{(' + $GuidPattern + ')\}')) {
                if ($null -eq $row['writer_id']) {
                    $row['writer_id'] = $Matches[1].ToLowerInvariant()
                }
            }
            elseif ($null -eq $row['writer_id']) {
                if ($value.Length -gt 0) {
                    $row['name'] = $value -replace '^[''"]+|[''"]+$', ''
                }
            }
            elseif ($null -eq $row['state']) {
                if ($value -match '^\[(\d{1,4})\]') {
                    $row['state'] = [int]$Matches[1]
                }
            }
            elseif ($null -eq $row['last_error'] -and $value.Length -gt 0) {
                $row['last_error'] = $value
            }
        }
        if ($null -ne $row['writer_id']) {
            $row
        }
    }
}

# Replacements. What is kept is listed; everything else is replaced, so that what nobody thought of stays hidden.

function ConvertTo-Hidden {
    # `kind-` and 12 digits of SHA-256 over salt and value: the same value gives the same text, and nobody can go back.
    param([string]$Value, [string]$Kind)
    if ($Value.Length -eq 0) {
        return ''
    }
    $hasher = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
    $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    $once = $hasher.ComputeHash($encoding.GetBytes($Salt + '|' + $Value.ToLowerInvariant()))
    $twice = $hasher.ComputeHash($encoding.GetBytes($Salt + '|' + [System.BitConverter]::ToString($once)))
    $digits = [System.BitConverter]::ToString($twice).Replace('-', '').ToLowerInvariant()
    $Kind + '-' + $digits.Substring(0, 12)
}

function ConvertTo-HiddenId {
    # A GUID, unless it is one that every Windows has.
    param([string]$Value)
    if ($Value -match ('(' + $GuidPattern + ')')) {
        $id = $Matches[1].ToLowerInvariant()
        if ($id -in $PublicIds) {
            return $id
        }
        return ConvertTo-Hidden -Value $id -Kind 'id'
    }
    ConvertTo-Hidden -Value $Value -Kind 'text'
}

function ConvertTo-HiddenPair {
    # `Microsoft:<VM>\<component>` and the like: each GUID by itself, letters between them kept out.
    param([string]$Value)
    $parts = @(foreach ($part in ($Value -split '[\\/:]')) {
        if ($part -match $GuidPattern) {
            ConvertTo-HiddenId -Value $part
        }
        elseif ($part -eq 'Microsoft' -or $part -match '^\d{1,4}$') {
            $part
        }
        else {
            ConvertTo-Hidden -Value $part -Kind 'text'
        }
    })
    $joined = ''
    foreach ($part in $parts) {
        if ($joined.Length -gt 0) {
            $joined = $joined + '/'
        }
        $joined = $joined + $part
    }
    $joined
}

function ConvertTo-HiddenValue {
    # The value behind a label of a writer list. Kept are numbers, states in brackets, TRUE, FALSE and VSS's constants.
    param([string]$Value)
    if ($Value -match '^\[\d{1,4}\]' -or $Value -cmatch '^(TRUE|FALSE|\d{1,6}|VSS_[A-Z_]{1,40}( \[\d{1,4}\])?)$') {
        return $Value
    }
    if ($Value -match '^[a-zA-Z]:\\' -or $Value -match '^\\\\') {
        return ConvertTo-Hidden -Value $Value -Kind 'path'
    }
    if ($Value -match ('^\\?\{?' + $GuidPattern + '\}?$')) {
        return ConvertTo-HiddenId -Value $Value
    }
    if ($Value -match '^([^\\]{1,60})\\') {
        # A caption: the word before the first backslash is the question, the name behind it is nobody's business.
        $cut = $Matches[1].Length
        $rest = $Value.Substring($cut + 1)
        return $Value.Substring(0, $cut) + '\' + (ConvertTo-Hidden -Value $rest -Kind 'name')
    }
    ConvertTo-Hidden -Value $Value -Kind 'text'
}

function ConvertTo-HiddenLine {
    # One line of a writer list: its indentation, signs and label as they are, its value replaced.
    param([string]$Line)
    # A label has no backslash, brace or slash in it: with one it would be a path or an id.
    if ($Line -match '^(\s*[-+*]?\s*[^:=\uFF1A"\\/{}]{2,80}?)(\s*[:=\uFF1A]\s*)(.*)$') {
        $label = $Matches[1]
        $sign = $Matches[2]
        $value = $Matches[3]
        return $label + $sign + (ConvertTo-HiddenValue -Value $value)
    }
    if ($Line -match '^(\s*[-+*]\s*\S{1,40}\s*)"(.*)"(.*)$') {
        # + Component "Writer:\id" and * WRITER "name".
        $before = $Matches[1]
        $inside = $Matches[2]
        $shape = 'text'
        if ($inside -match ('\\(' + $GuidPattern + ')$')) {
            $shape = 'writer:\' + (ConvertTo-HiddenId -Value $inside)
        }
        return $before + '"' + $shape + '"'
    }
    $bare = $Line.Trim()
    ConvertTo-Hidden -Value $bare -Kind 'line'
}

function ConvertTo-HiddenXml {
    # An event: tags and the names in them stay, as they are the schema; every text and every id is replaced.
    param([string]$Xml)
    $hidden = ''
    foreach ($piece in ($Xml -split '(?=<)')) {
        if ($piece -match '(?s)^(<[^>]*>)(.*)$') {
            $tag = $Matches[1]
            $content = $Matches[2]
            $tag = $tag -replace $GuidPattern, 'id'
            $tag = $tag -replace 'UserID=[''"][^''"]*[''"]', 'UserID="hidden"'
            $tag = $tag -replace 'SystemTime=[''"][^''"]*[''"]', 'SystemTime="hidden"'
            if ($content -match '^\s*$' -or $content -match '^(\d{1,10}|0x[0-9a-fA-F]{1,16})$') {
                $hidden = $hidden + $tag + $content.Trim()
            }
            elseif ($content -match $GuidPattern) {
                $hidden = $hidden + $tag + (ConvertTo-HiddenId -Value $content)
            }
            else {
                $hidden = $hidden + $tag + (ConvertTo-Hidden -Value $content -Kind 'text')
            }
        }
    }
    $hidden
}

# One function for each question that the documentation leaves open; the numbers are those of docs/limits.md.

function Get-Windows {
    # Which Windows this is: the frame of every other answer.
    foreach ($system in @(Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop)) {
        [ordered]@{
            build = ConvertTo-Plain -Value $system.BuildNumber -Kind 'int'
            product_type = ConvertTo-Plain -Value $system.ProductType -Kind 'int'
            sku = ConvertTo-Plain -Value $system.OperatingSystemSKU -Kind 'int'
            language = ConvertTo-Plain -Value $system.OSLanguage -Kind 'int'
            ui_culture = [System.Globalization.CultureInfo]::CurrentUICulture.Name
            powershell = $PSVersionTable['PSVersion'].ToString()
        }
    }
}

function Get-WriterText {
    # Q2, Q5, Q13: the layout of a program's writer list, in this language, and how long it took.
    param([string]$Program)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $answer = Read-NativeList -Program $Program -Milliseconds ($ProgramSeconds * 1000)
    $took = [int]$watch.ElapsedMilliseconds
    $lines = New-Object -TypeName System.Collections.ArrayList
    $inside = $false
    foreach ($block in ($answer['text'] -split '\r?\n[ \t]*\r?\n(?=\S)|(?=\r?\n\s*\*\s)')) {
        # Other writers may name products: of them only the number of lines is told.
        $all = @($block -split '\r?\n')
        if ($block -match $HyperVWriter) {
            $inside = $true
            foreach ($line in $all) {
                if ($lines.Count -lt 2000) {
                    $null = $lines.Add((ConvertTo-HiddenLine -Line $line))
                }
            }
        }
        else {
            $null = $lines.Add('(another part of ' + [string]$all.Count + ' lines)')
        }
    }
    [ordered]@{
        exit_code = $answer['exit_code']
        milliseconds = $took
        characters = $answer['text'].Length
        has_hyper_v_writer = $inside
        lines = $lines
    }
}

function Get-Manifest {
    # Q6: every event of a provider as its manifest declares it. Microsoft's text, nothing of this host.
    param([string]$Provider)
    $events = New-Object -TypeName System.Collections.ArrayList
    foreach ($found in @(Get-WinEvent -ListProvider $Provider -ErrorAction Stop)) {
        foreach ($each in @(Read-Property -Source $found -Name 'Events')) {
            $text = [string](Read-Property -Source $each -Name 'Description')
            if ($text.Length -gt 300) {
                $text = $text.Substring(0, 300)
            }
            $null = $events.Add([ordered]@{
                id = ConvertTo-Plain -Value $each.Id -Kind 'long'
                version = ConvertTo-Plain -Value $each.Version -Kind 'int'
                level = ConvertTo-Plain -Value (Read-Property -Source $each.Level -Name 'Value') -Kind 'int'
                template = [string](Read-Property -Source $each -Name 'Template')
                text = $text
            })
        }
    }
    $events
}

function Get-WorkerEvent {
    # Q1, Q6: how often each id was logged in 14 days, and up to 3 events of each with everything replaced.
    param([string]$Provider)
    $start = ([System.DateTime]::Now).AddDays(-14)
    $counts = [ordered]@{}
    foreach ($record in @(Get-WinEvent -FilterHashtable @{ ProviderName = $Provider; StartTime = $start } -MaxEvents 2000 -ErrorAction Stop)) {
        $key = [string]$record.Id
        if (-not $counts.Contains($key)) {
            $counts[$key] = [ordered]@{
                id = [int]$record.Id
                count = 0
                samples = New-Object -TypeName System.Collections.ArrayList
            }
        }
        $counts[$key]['count'] = $counts[$key]['count'] + 1
        if ($counts[$key]['samples'].Count -lt 3) {
            $xml = $record.ToXml()
            $null = $counts[$key]['samples'].Add((ConvertTo-HiddenXml -Xml $xml))
        }
    }
    @($counts.Values)
}

function Get-Job {
    # Q4: jobs of the last five minutes. Run it during a backup, and again right after.
    foreach ($job in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ConcreteJob -ErrorAction Stop)) {
        [ordered]@{
            job_type = ConvertTo-Plain -Value $job.JobType -Kind 'int'
            job_state = ConvertTo-Plain -Value $job.JobState -Kind 'int'
            error_code = ConvertTo-Plain -Value $job.ErrorCode -Kind 'long'
            started_at = ConvertTo-Plain -Value $job.StartTime -Kind 'time'
            changed_at = ConvertTo-Plain -Value $job.TimeOfLastStateChange -Kind 'time'
        }
    }
}

function Get-Machine {
    # Q1, Q4, Q11: every registered VM with its state numbers and when it was last backed up.
    foreach ($system in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ComputerSystem -ErrorAction Stop)) {
        if ([string]$system.Name -match ('^' + $GuidPattern + '$')) {
            [ordered]@{
                vm = ConvertTo-HiddenId -Value ([string]$system.Name)
                enabled_state = ConvertTo-Plain -Value $system.EnabledState -Kind 'int'
                operational_status = @(foreach ($status in $system.OperationalStatus) { if ($null -ne $status) { [int]$status } })
                last_backup_at = ConvertTo-Plain -Value (Read-Property -Source $system -Name 'LastSuccessfulBackupTime') -Kind 'time'
            }
        }
    }
}

function Get-BackupComponent {
    # Q11: which of the two classes have rows for VMs that are off, and for checkpoints.
    param([string]$ClassName)
    foreach ($row in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName $ClassName -ErrorAction Stop)) {
        [ordered]@{
            vm = ConvertTo-HiddenId -Value ([string](Read-Property -Source $row -Name 'SystemName'))
            instance = ConvertTo-HiddenPair -Value ([string](Read-Property -Source $row -Name 'InstanceID'))
            enabled_state = ConvertTo-Plain -Value (Read-Property -Source $row -Name 'EnabledState') -Kind 'int'
            operational_status = @(foreach ($status in (Read-Property -Source $row -Name 'OperationalStatus')) { if ($null -ne $status) { [int]$status } })
        }
    }
}

function Get-ReferencePoint {
    # Q14: which VMs have reference points, and of which type. Type 2 should mean a product with change tracking.
    foreach ($point in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_VirtualSystemReferencePoint -ErrorAction Stop)) {
        [ordered]@{
            vm = ConvertTo-HiddenId -Value ([string]$point.VirtualSystemIdentifier)
            type = ConvertTo-Plain -Value $point.ReferencePointType -Kind 'int'
            consistency = ConvertTo-Plain -Value $point.ConsistencyLevel -Kind 'int'
        }
    }
}

function Get-Count {
    # Q12: whether this account may read it at all; of what was read only the number is told.
    param([string]$What)
    switch ($What) {
        'Get-VM' {
            return @(Get-VM -ErrorAction Stop).Count
        }
        'Win32_ShadowStorage' {
            return @(Get-CimInstance -ClassName Win32_ShadowStorage -ErrorAction Stop).Count
        }
        'Win32_ShadowProvider' {
            return @(Get-CimInstance -ClassName Win32_ShadowProvider -ErrorAction Stop).Count
        }
        'Win32_Volume' {
            return @(Get-CimInstance -ClassName Win32_Volume -ErrorAction Stop).Count
        }
        'Win32_Service' {
            return @(Get-CimInstance -ClassName Win32_Service -ErrorAction Stop).Count
        }
        'Msvm_KvpExchangeComponent' {
            return @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_KvpExchangeComponent -ErrorAction Stop).Count
        }
        'Get-Cluster' {
            return @(Get-Cluster -ErrorAction Stop).Count
        }
        'Get-ClusterGroup' {
            return @(Get-ClusterGroup -ErrorAction Stop).Count
        }
        'Get-ClusterSharedVolume' {
            return @(Get-ClusterSharedVolume -ErrorAction Stop).Count
        }
        'Get-VMHostSupportedVersion' {
            return @(Get-VMHostSupportedVersion -Default -ErrorAction Stop).Count
        }
        'Log of VMMS' {
            return @(Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-VMMS-Admin' -Oldest -MaxEvents 1 -ErrorAction Stop).Count
        }
        'Log of the workers' {
            return @(Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Worker-Admin' -Oldest -MaxEvents 1 -ErrorAction Stop).Count
        }
    }
    throw 'no such thing'
}

function Read-Fact {
    param([string]$Name)
    switch ($Name) {
        'windows' {
            return Get-Windows
        }
        'vssadmin' {
            return Get-WriterText -Program 'vssadmin'
        }
        'diskshadow' {
            return Get-WriterText -Program 'diskshadow'
        }
        'manifest of the workers' {
            return Get-Manifest -Provider 'Microsoft-Windows-Hyper-V-Worker'
        }
        'manifest of VMMS' {
            return Get-Manifest -Provider 'Microsoft-Windows-Hyper-V-VMMS'
        }
        'events of the workers' {
            return Get-WorkerEvent -Provider 'Microsoft-Windows-Hyper-V-Worker'
        }
        'events of VMMS' {
            return Get-WorkerEvent -Provider 'Microsoft-Windows-Hyper-V-VMMS'
        }
        'jobs' {
            return Get-Job
        }
        'machines' {
            return Get-Machine
        }
        'backup components' {
            return Get-BackupComponent -ClassName 'Msvm_VssComponent'
        }
        'backup settings' {
            return Get-BackupComponent -ClassName 'Msvm_VssComponentSettingData'
        }
        'reference points' {
            return Get-ReferencePoint
        }
    }
    Get-Count -What $Name
}

function Get-Fact {
    # One answer, or the id, category and type of the error: never its message, which is localised and names things.
    param([string]$Name)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $fact = [ordered]@{
        name = $Name
        is_read = $false
        milliseconds = 0
        why = $null
        error_id = $null
        category = $null
        answer = $null
    }
    try {
        $answer = @(Read-Fact -Name $Name)
        $fact['is_read'] = $true
        $fact['answer'] = $answer
    }
    catch {
        $fact['why'] = Get-Cause -Record $_
        $id = Get-ErrorId -Record $_
        $fact['error_id'] = $id -replace $GuidPattern, 'id' -replace '[a-zA-Z]:\\[^,]*', 'path'
        $fact['category'] = [string]$_.CategoryInfo.Category
    }
    $fact['milliseconds'] = [int]$watch.ElapsedMilliseconds
    $fact
}

# The bundle: one JSON text on the output.

if ($Salt.Length -lt 16) {
    throw 'give a random text of at least 16 characters as -Salt, and keep it'
}

$names = @(
    'windows', 'machines', 'jobs', 'backup components', 'backup settings', 'reference points',
    'Get-VM', 'Get-VMHostSupportedVersion', 'Msvm_KvpExchangeComponent', 'Win32_Service', 'Win32_Volume',
    'Win32_ShadowStorage', 'Win32_ShadowProvider', 'Get-Cluster', 'Get-ClusterGroup', 'Get-ClusterSharedVolume',
    'Log of VMMS', 'Log of the workers', 'events of the workers', 'events of VMMS',
    'manifest of the workers', 'manifest of VMMS', 'vssadmin', 'diskshadow'
)
$bundle = [ordered]@{
    kit = $KitVersion
    label = $Label
    host = ConvertTo-Hidden -Value ([System.Environment]::MachineName) -Kind 'host'
    captured_at = ConvertTo-Plain -Value ([System.DateTime]::UtcNow) -Kind 'time'
    facts = @(foreach ($name in $names) { Get-Fact -Name $name })
}
$builder = New-Object -TypeName System.Text.StringBuilder
Write-Json -Value $bundle -Builder $builder
Write-Output -InputObject ($builder.ToString())
