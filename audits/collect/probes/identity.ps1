# Section identity: which Windows this is, what the account may read, the host's clock and memory.

function Get-NewestModuleVersion {
    # The newest version of a module that is loaded or installed, or null.
    param([string]$Name)
    $newest = $null
    foreach ($module in @(Get-Module -Name $Name) + @(Get-Module -Name $Name -ListAvailable)) {
        if ($null -ne $module -and ($null -eq $newest -or $module.Version -gt $newest)) {
            $newest = $module.Version
        }
    }
    if ($null -ne $newest) {
        return $newest.ToString()
    }
    $null
}

function Test-Membership {
    # Whether the session's token carries a built-in group, by its SID: names of groups are localised.
    param([string]$Sid)
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList $identity
    $group = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Sid
    $principal.IsInRole($group)
}

function Read-Identity {
    $data = [ordered]@{
        computer_name = $null
        domain = $null
        os_build = $null
        os_caption = $null
        product_type = $null
        sku = $null
        os_language = $null
        ui_culture = $null
        powershell_version = $null
        hyper_v_module_version = $null
        default_vm_version = $null
        last_boot_at = $null
        now_at = $null
        free_memory_bytes = $null
        total_memory_bytes = $null
        account = $null
        is_administrator = $null
        is_hyper_v_administrator = $null
    }
    $data['now_at'] = ConvertTo-Plain -Value ([System.DateTime]::UtcNow) -Kind 'time'
    $data['ui_culture'] = [System.Globalization.CultureInfo]::CurrentUICulture.Name
    $data['powershell_version'] = $PSVersionTable['PSVersion'].ToString()

    $system_fields = [ordered]@{
        os_build = 'BuildNumber', 'int'
        os_caption = 'Caption', 'text'
        product_type = 'ProductType', 'int'
        sku = 'OperatingSystemSKU', 'int'
        os_language = 'OSLanguage', 'int'
        last_boot_at = 'LastBootUpTime', 'time'
        free_memory_bytes = 'FreePhysicalMemory', 'kilobytes'
        total_memory_bytes = 'TotalVisibleMemorySize', 'kilobytes'
    }
    try {
        foreach ($system in @(Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop)) {
            $row = Read-Row -Source $system -Fields $system_fields -What ''
            foreach ($field in @($system_fields.Keys)) {
                $data[$field] = $row[$field]
            }
        }
    }
    catch {
        Add-ErrorGap -Whats $system_fields.Keys -Record $_
    }

    $computer_fields = [ordered]@{
        computer_name = 'Name', 'text'
        domain = 'Domain', 'text'
    }
    try {
        foreach ($computer in @(Get-CimInstance -ClassName Win32_ComputerSystem -ErrorAction Stop)) {
            $row = Read-Row -Source $computer -Fields $computer_fields -What ''
            foreach ($field in @($computer_fields.Keys)) {
                $data[$field] = $row[$field]
            }
        }
    }
    catch {
        Add-ErrorGap -Whats $computer_fields.Keys -Record $_
    }

    try {
        $data['hyper_v_module_version'] = Get-NewestModuleVersion -Name 'Hyper-V'
    }
    catch {
        Add-ErrorGap -Whats 'hyper_v_module_version' -Record $_
    }
    # From 2016 on; older hosts have no such cmdlet.
    try {
        foreach ($supported in @(Get-VMHostSupportedVersion -Default -ErrorAction Stop)) {
            $data['default_vm_version'] = ConvertTo-Plain -Value (Read-Property -Source $supported -Name 'Version') -Kind 'text'
        }
    }
    catch {
        Add-ErrorGap -Whats 'default_vm_version' -Record $_
    }
    try {
        $data['account'] = [System.Security.Principal.WindowsIdentity]::GetCurrent().Name
        # Administrators and Hyper-V Administrators, the same SIDs on every Windows.
        $data['is_administrator'] = Test-Membership -Sid 'S-1-5-32-544'
        $data['is_hyper_v_administrator'] = Test-Membership -Sid 'S-1-5-32-578'
    }
    catch {
        Add-ErrorGap -Whats @('account', 'is_administrator', 'is_hyper_v_administrator') -Record $_
    }
    $data
}
