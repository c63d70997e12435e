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
