# Fleet Audit offline script @VERSION@ for the computer @COMPUTER@. It reads and changes nothing; what it found is printed.
#
# In PowerShell as administrator on that computer, in the folder of this file:
#     powershell -NoProfile -ExecutionPolicy Bypass -File .\@NAME@.ps1 > .\@NAME@.txt
# Then upload the .txt file, once, on the page that this script came from, before @EXPIRES@ UTC.

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$Nonce = '@NONCE@'
$MachineSalt = '@SALT@'

function Read-FleetAuditEvidence {
@PROBE@
}

function Get-Sha256 {
    # Lower-case hex. This class and no other, because it also works where Windows is told to be FIPS compliant.
    param([string]$Text)
    $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    $hasher = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
    $hash = $hasher.ComputeHash($encoding.GetBytes($Text))
    [System.BitConverter]::ToString($hash).Replace('-', '').ToLowerInvariant()
}

function Get-MachineHash {
    # Tells this installation of Windows from another one of the same name, without naming it. Empty where not readable.
    try {
        $settings = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Cryptography' -ErrorAction Stop
        return Get-Sha256 -Text ($MachineSalt + [string]$settings.MachineGuid)
    }
    catch {
        return ''
    }
}

function Get-Time {
    # 14 digits of UTC.
    ([System.DateTime]::UtcNow).ToString('yyyyMMddHHmmss', [System.Globalization.CultureInfo]::InvariantCulture)
}

function Write-Field {
    # A name with a colon, then its value in lines of 72 plain characters: mail, clipboard and > leave them as they are.
    param([string]$Name, [string]$Value)
    Write-Output -InputObject (':' + $Name)
    for ($at = 0; $at -lt $Value.Length; $at = $at + 72) {
        $length = $Value.Length - $at
        if ($length -gt 72) {
            $length = 72
        }
        Write-Output -InputObject ($Value.Substring($at, $length))
    }
}

$plain = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
$all = $Nonce
Write-Output -InputObject '-----BEGIN FLEET AUDIT EVIDENCE-----'
Write-Field -Name 'format' -Value '1'
Write-Field -Name 'nonce' -Value $Nonce
Write-Field -Name 'computer' -Value ([System.Convert]::ToBase64String($plain.GetBytes([System.Environment]::MachineName)))
Write-Field -Name 'machine' -Value (Get-MachineHash)
Write-Field -Name 'started_at' -Value (Get-Time)
foreach ($name in '@SECTIONS@'.Split(',')) {
    $packed = [string](Read-FleetAuditEvidence -Sections $name -EventDays @EVENT_DAYS@ -WriterSeconds @WRITER_SECONDS@)
    $hash = Get-Sha256 -Text $packed
    $all = $all + $hash
    Write-Field -Name 'section' -Value $name
    Write-Field -Name 'sha256' -Value $hash
    Write-Field -Name 'data' -Value $packed
}
Write-Field -Name 'finished_at' -Value (Get-Time)
Write-Field -Name 'digest' -Value (Get-Sha256 -Text $all)
Write-Output -InputObject '-----END FLEET AUDIT EVIDENCE-----'
