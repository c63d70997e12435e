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
