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
