# Section services: start mode and state of the Windows services that a backup depends on.

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
        $found = @(Get-CimInstance -ClassName Win32_Service -Filter $filter -ErrorAction Stop)
        $data['services'] = @(Read-Table -Items $found -Fields $fields -What 'services' -Key 'name')
    }
    catch {
        Add-ErrorGap -Whats 'services' -Record $_
    }
    $data
}
