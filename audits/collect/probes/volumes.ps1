# Section volumes: the host's fixed volumes, their mount points and their shadow storage.

function Read-Volume {
    $data = [ordered]@{
        volumes = $null
        mount_points = $null
        shadow_storage = $null
        shadow_providers = $null
        min_diff_area_megabytes = $null
    }
    $volume_fields = [ordered]@{
        volume_id = 'DeviceID', 'path'
        name = 'Name', 'path'
        label = 'Label', 'text'
        file_system = 'FileSystem', 'text'
        capacity_bytes = 'Capacity', 'bytes'
        free_bytes = 'FreeSpace', 'bytes'
        is_system = 'SystemVolume', 'bool'
        is_boot = 'BootVolume', 'bool'
    }
    try {
        $found = @(Get-CimInstance -ClassName Win32_Volume -Filter 'DriveType=3' -ErrorAction Stop)
        $data['volumes'] = @(Read-Table -Items $found -Fields $volume_fields -What 'volumes' -Key 'volume_id')
    }
    catch {
        Add-ErrorGap -Whats 'volumes' -Record $_
    }

    # Directory, Volume and DiffVolume are references: instances that carry nothing but their key.
    $mount_point_fields = [ordered]@{
        path = 'Directory.Name', 'path'
        volume_id = 'Volume.DeviceID', 'path'
    }
    try {
        $found = @(Get-CimInstance -ClassName Win32_MountPoint -ErrorAction Stop)
        $rows = @(Read-Table -Items $found -Fields $mount_point_fields -What 'mount_points' -Key 'volume_id')
        $data['mount_points'] = @(foreach ($row in $rows) { if ($null -ne $row['path']) { $row } })
    }
    catch {
        Add-ErrorGap -Whats 'mount_points' -Record $_
    }

    $storage_fields = [ordered]@{
        volume_id = 'Volume.DeviceID', 'path'
        diff_volume_id = 'DiffVolume.DeviceID', 'path'
        max_bytes = 'MaxSpace', 'bytes'
        allocated_bytes = 'AllocatedSpace', 'bytes'
        used_bytes = 'UsedSpace', 'bytes'
    }
    try {
        $found = @(Get-CimInstance -ClassName Win32_ShadowStorage -ErrorAction Stop)
        $data['shadow_storage'] = @(Read-Table -Items $found -Fields $storage_fields -What 'shadow_storage' -Key 'volume_id')
    }
    catch {
        Add-ErrorGap -Whats 'shadow_storage' -Record $_
    }

    $provider_fields = [ordered]@{
        provider_id = 'ID', 'guid'
        name = 'Name', 'text'
        kind = 'Type', 'int'
        version = 'Version', 'text'
    }
    try {
        $found = @(Get-CimInstance -ClassName Win32_ShadowProvider -ErrorAction Stop)
        $data['shadow_providers'] = @(Read-Table -Items $found -Fields $provider_fields -What 'shadow_providers' -Key 'provider_id')
    }
    catch {
        Add-ErrorGap -Whats 'shadow_providers' -Record $_
    }

    # Not set is the normal case and no gap.
    try {
        $settings = Get-ItemProperty -LiteralPath 'HKLM:\SYSTEM\CurrentControlSet\Services\VolSnap' -ErrorAction Stop
        $megabytes = Read-Property -Source $settings -Name 'MinDiffAreaFileSize'
        $data['min_diff_area_megabytes'] = ConvertTo-Plain -Value $megabytes -Kind 'int'
    }
    catch {
        Add-ErrorGap -Whats 'min_diff_area_megabytes' -Record $_
    }
    $data
}
