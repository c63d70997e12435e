# Section services: start mode and state of the Windows services that a backup depends on.

function Test-HiddenService {
    # Whether an answer without any service means that the service manager shows this account nothing: RpcSs is on every
    # Windows, and only administrators and people at the console may list what there is.
    try {
        return (-not (Test-Membership -Sid 'S-1-5-32-544'))
    }
    catch {
        return $false
    }
}

function Read-Service {
    $data = [ordered]@{
        services = $null
    }
    $fields = [ordered]@{
        name = 'Name', 'text'
        start_mode = 'StartMode', 'text'
        state = 'State', 'text'
    }
    # Win32_Service and not Get-Service, which knows no start type before PowerShell 5.
    $filter = "Name='vmms' OR Name='VSS' OR Name='swprv' OR Name='COMSysApp' OR Name='EventSystem' OR Name='RpcSs'" +
        " OR Name='Winmgmt' OR Name='MSDTC' OR Name='vds' OR Name='smphost' OR Name='wbengine' OR Name='ClusSvc'"
    try {
        $found = @(foreach ($service in @(Get-CimInstance -ClassName Win32_Service -Filter $filter -ErrorAction Stop)) {
            if ($null -ne $service) {
                $service
            }
        })
        if ($found.Count -eq 0 -and (Test-HiddenService)) {
            Add-Gap -What 'services' -Why 'denied' -Detail 'no service is shown'
        }
        else {
            $data['services'] = @(Read-Table -Items $found -Fields $fields -What 'services' -Key 'name')
        }
    }
    catch {
        Add-ErrorGap -Whats 'services' -Record $_
    }
    $data
}
