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
