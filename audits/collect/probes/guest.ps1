# Inside a guest: services, volumes, shadow storage, disks, writers, events and one registry value. It only reads.

function Read-GuestSystem {
    # Fills the build and the product type into $Data.
    param($Data)
    $system_fields = [ordered]@{
        os_build = 'BuildNumber', 'int'
        product_type = 'ProductType', 'int'
    }
    try {
        foreach ($system in @(Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop)) {
            $row = Read-Row -Source $system -Fields $system_fields -What ''
            $Data['os_build'] = $row['os_build']
            $Data['product_type'] = $row['product_type']
        }
    }
    catch {
        Add-ErrorGap -Whats $system_fields.Keys -Record $_
    }
}

function Read-GuestService {
    $service_fields = [ordered]@{
        name = 'Name', 'text'
        start_mode = 'StartMode', 'text'
        state = 'State', 'text'
    }
    $filter = "Name='VSS' OR Name='swprv' OR Name='COMSysApp' OR Name='MSDTC' OR Name='EventSystem' OR Name='vmicvss'" +
        " OR Name='RpcSs' OR Name='Winmgmt'"
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter $filter -ErrorAction Stop)
    Read-Table -Items $found -Fields $service_fields -What 'services' -Key 'name'
}

function Read-GuestPartition {
    # Which kind each partition is: by the volume it carries, and which disks have one of the Logical Disk Manager.
    param($Kinds, $Dynamic)
    # LDM metadata and LDM data; on MBR disks type 0x42.
    $ldm = @('{5808c8aa-7e8f-42e0-85d2-e1e90434cfb3}', '{af9b60a0-1431-4f62-bc68-3311714a69ad}', '66')
    foreach ($partition in @(Get-CimInstance -Namespace $StorageNamespace -ClassName MSFT_Partition -ErrorAction Stop)) {
        $kind = [string](Read-Property -Source $partition -Name 'GptType')
        if ($kind.Length -eq 0) {
            $kind = [string](Read-Property -Source $partition -Name 'MbrType')
        }
        $kind = $kind.ToLowerInvariant()
        $number = Read-Property -Source $partition -Name 'DiskNumber'
        if ($null -ne $number) {
            $key = [string]$number
            if ($kind -in $ldm) {
                $Dynamic[$key] = $true
            }
            elseif (-not $Dynamic.ContainsKey($key)) {
                $Dynamic[$key] = $false
            }
        }
        foreach ($path in @(Read-Property -Source $partition -Name 'AccessPaths')) {
            if ($null -ne $path -and $kind.Length -gt 0) {
                $Kinds[[string]$path] = $kind
            }
        }
    }
}

function Read-GuestDisk {
    # One row for each disk. $Dynamic: by number whether a partition is dynamic, or null where they were not read.
    param($Dynamic)
    $disk_fields = [ordered]@{
        number = 'Number', 'int'
        bus_type = 'BusType', 'int'
        partition_style = 'PartitionStyle', 'int'
        is_dynamic = $null
    }
    $found = @(Get-CimInstance -Namespace $StorageNamespace -ClassName MSFT_Disk -ErrorAction Stop)
    foreach ($row in @(Read-Table -Items $found -Fields $disk_fields -What 'disks' -Key 'number')) {
        if ($null -ne $Dynamic) {
            # A disk without any partition has none that is dynamic.
            $key = [string]$row['number']
            $row['is_dynamic'] = $Dynamic.ContainsKey($key) -and $Dynamic[$key]
        }
        $row
    }
}

function Read-OldGuestDisk {
    # Windows before 2012 has no storage namespace. The type is text, which may be localised: only English counts.
    $rows = [ordered]@{}
    foreach ($partition in @(Get-CimInstance -ClassName Win32_DiskPartition -ErrorAction Stop)) {
        $number = ConvertTo-Plain -Value (Read-Property -Source $partition -Name 'DiskIndex') -Kind 'int'
        $type = [string](Read-Property -Source $partition -Name 'Type')
        if ($null -ne $number) {
            $key = [string]$number
            if (-not $rows.Contains($key)) {
                $rows[$key] = [ordered]@{
                    number = $number
                    bus_type = $null
                    partition_style = $null
                    is_dynamic = $null
                }
            }
            $row = $rows[$key]
            if ($type -like '*Logical Disk Manager*') {
                $row['is_dynamic'] = $true
            }
            elseif ($null -eq $row['is_dynamic'] -and $type -match '^(GPT: |Installable File System)') {
                $row['is_dynamic'] = $false
            }
        }
    }
    foreach ($key in @($rows.Keys)) {
        $rows[$key]
    }
}

function Read-GuestVolume {
    # $Kinds: by volume the kind of its partition.
    param($Kinds)
    $volume_fields = [ordered]@{
        volume_id = 'DeviceID', 'path'
        name = 'Name', 'path'
        label = 'Label', 'text'
        file_system = 'FileSystem', 'text'
        capacity_bytes = 'Capacity', 'bytes'
        free_bytes = 'FreeSpace', 'bytes'
        partition_type = $null
    }
    $found = @(Get-CimInstance -ClassName Win32_Volume -Filter 'DriveType=3' -ErrorAction Stop)
    foreach ($row in @(Read-Table -Items $found -Fields $volume_fields -What 'volumes' -Key 'volume_id')) {
        $row['partition_type'] = $Kinds[$row['volume_id']]
        $row
    }
}

function Read-GuestShadowStorage {
    $storage_fields = [ordered]@{
        volume_id = 'Volume.DeviceID', 'path'
        diff_volume_id = 'DiffVolume.DeviceID', 'path'
        max_bytes = 'MaxSpace', 'bytes'
        allocated_bytes = 'AllocatedSpace', 'bytes'
        used_bytes = 'UsedSpace', 'bytes'
    }
    $found = @(Get-CimInstance -ClassName Win32_ShadowStorage -ErrorAction Stop)
    Read-Table -Items $found -Fields $storage_fields -What 'shadow_storage' -Key 'volume_id'
}

function Read-GuestWriter {
    # Leaves a gap when vssadmin ran and listed nothing, as it does for an account that is no administrator.
    $answer = Read-NativeList -Program 'vssadmin' -Milliseconds ($WriterSeconds * 1000)
    $rows = @(ConvertFrom-WriterList -Text $answer['text'])
    if ($rows.Count -eq 0) {
        Add-Gap -What 'writers' -Why 'refused' -Detail ('exit code ' + [string]$answer['exit_code'])
    }
    $rows
}

function Read-GuestEvent {
    # The backup provider of the integration components: 1-7 and 24 are errors of a snapshot, 22 and 23 warnings.
    $counts = [ordered]@{}
    $filter = @{
        ProviderName = 'Microsoft-Windows-Hyper-V-Guest-Drivers-IcSvc'
        Id = 1, 2, 3, 4, 5, 6, 7, 22, 23, 24
        StartTime = [System.DateTime]::Now.AddDays(-$EventDays)
    }
    $found = @()
    try {
        $found = @(Get-WinEvent -FilterHashtable $filter -MaxEvents 2000 -ErrorAction Stop)
    }
    catch {
        # None within the window is the normal case and no error.
        if (-not ([string]$_.FullyQualifiedErrorId -like 'NoMatchingEventsFound*')) {
            throw
        }
    }
    foreach ($record in $found) {
        $level = ConvertTo-Plain -Value $record.Level -Kind 'int'
        $key = [string]$record.Id + '|' + [string]$level
        if (-not $counts.Contains($key)) {
            $counts[$key] = [ordered]@{
                event_id = [int]$record.Id
                level = $level
                count = 0
            }
        }
        $count = $counts[$key]
        $count['count'] = $count['count'] + 1
    }
    foreach ($key in @($counts.Keys)) {
        $counts[$key]
    }
}

function Read-ScopeSnapshot {
    # The value, or null where it is not set; on a server the key itself is usually not there.
    $key = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRestore'
    if (Test-Path -LiteralPath $key -ErrorAction Stop) {
        $settings = Get-ItemProperty -LiteralPath $key -ErrorAction Stop
        ConvertTo-Plain -Value (Read-Property -Source $settings -Name 'ScopeSnapshots') -Kind 'int'
    }
}

function Read-Told {
    $data = [ordered]@{
        os_build = $null
        product_type = $null
        services = $null
        volumes = $null
        shadow_storage = $null
        disks = $null
        writers = $null
        events = $null
        scope_snapshots = $null
        gaps = $null
    }
    Read-GuestSystem -Data $data
    try {
        $data['services'] = @(Read-GuestService)
    }
    catch {
        Add-ErrorGap -Whats 'services' -Record $_
    }
    $kinds = @{}
    $dynamic = @{}
    try {
        Read-GuestPartition -Kinds $kinds -Dynamic $dynamic
    }
    catch {
        $dynamic = $null
        Add-ErrorGap -Whats @('volumes.partition_type', 'disks.is_dynamic') -Record $_
    }
    try {
        $data['volumes'] = @(Read-GuestVolume -Kinds $kinds)
    }
    catch {
        Add-ErrorGap -Whats 'volumes' -Record $_
    }
    try {
        $data['shadow_storage'] = @(Read-GuestShadowStorage)
    }
    catch {
        Add-ErrorGap -Whats 'shadow_storage' -Record $_
    }
    try {
        $data['disks'] = @(Read-GuestDisk -Dynamic $dynamic)
    }
    catch {
        $first = $_
        try {
            $data['disks'] = @(Read-OldGuestDisk)
        }
        catch {
            Add-ErrorGap -Whats 'disks' -Record $first
        }
    }
    try {
        $rows = @(Read-GuestWriter)
        if ($rows.Count -gt 0) {
            $data['writers'] = $rows
        }
    }
    catch {
        Add-ErrorGap -Whats 'writers' -Record $_
    }
    try {
        $data['events'] = @(Read-GuestEvent)
    }
    catch {
        Add-ErrorGap -Whats 'events' -Record $_
    }
    try {
        $data['scope_snapshots'] = Read-ScopeSnapshot
    }
    catch {
        Add-ErrorGap -Whats 'scope_snapshots' -Record $_
    }
    $data['gaps'] = @(foreach ($gap in $Gaps) { $gap['what'] + ': ' + $gap['why'] })
    $data
}

$SectionWatch = $null
$Gaps = New-Object -TypeName System.Collections.ArrayList
$KnownGaps = @{}
Write-Output -InputObject (ConvertTo-Packed -Envelope (Read-Told))
