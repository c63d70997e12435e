# Section vms: every registered virtual machine with its services, disks, chains and checkpoints.

function Get-RegisteredVM {
    # Msvm_ComputerSystem rows of VMs: a VM is named by its GUID, the host by its computer name.
    $found = @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ComputerSystem -ErrorAction Stop)
    foreach ($system in $found) {
        if ([string](Read-Property -Source $system -Name 'Name') -match ('^' + $GuidPattern + '$')) {
            $system
        }
    }
}

function Get-VMOneByOne {
    # Every VM that answers for itself. Called when Get-VM as a whole fails, so that one bad VM loses only itself.
    param($Registered)
    foreach ($system in $Registered) {
        if (-not (Test-TimeLeft)) {
            # Those that were not reached become rows of which nothing is known but that they exist.
            Add-Gap -What 'vms' -Why 'timed_out' -Detail (Get-TimeSpent)
            break
        }
        try {
            Get-VM -Id $system.Name -ErrorAction Stop
        }
        catch {
            Add-ErrorGap -Whats 'vms' -Record $_
        }
    }
}

function Get-LostVM {
    # A row with nothing but id and name for every registered VM that did not answer: it exists, the rest is unknown.
    param($Registered, $VMs, $Fields)
    $known = @{}
    foreach ($vm in $VMs) {
        $known[[string]$vm.Id] = $true
    }
    foreach ($system in $Registered) {
        $id = ConvertTo-Plain -Value (Read-Property -Source $system -Name 'Name') -Kind 'guid'
        if (-not $known.ContainsKey($id)) {
            $row = [ordered]@{}
            foreach ($field in @($Fields.Keys)) {
                $row[$field] = $null
            }
            $row['vm_id'] = $id
            $row['name'] = [string](Read-Property -Source $system -Name 'ElementName')
            $row
        }
    }
}

function Get-Companion {
    # What belongs to the VMs, each with the VMId of its own.
    param($VMs, [string]$Kind)
    switch ($Kind) {
        'integration' {
            Get-VMIntegrationService -VM $VMs -ErrorAction Stop
        }
        'disks' {
            Get-VMHardDiskDrive -VM $VMs -ErrorAction Stop
        }
        'scsi_controllers' {
            Get-VMScsiController -VM $VMs -ErrorAction Stop
        }
        'checkpoints' {
            Get-VMSnapshot -VM $VMs -ErrorAction Stop
        }
        'recovery_checkpoints' {
            Get-VMSnapshot -VM $VMs -SnapshotType Recovery -ErrorAction Stop
        }
    }
}

function Group-Companion {
    # VM id -> list, for the VMs whose companions could be read. One call for all VMs; where it fails, one for each.
    param($VMs, [string]$Kind, [string]$What)
    $lists = @{}
    try {
        $items = @(Get-Companion -VMs $VMs -Kind $Kind)
        foreach ($vm in $VMs) {
            $lists[[string]$vm.Id] = New-Object -TypeName System.Collections.ArrayList
        }
        foreach ($item in $items) {
            $vm_id = [string](Read-Property -Source $item -Name 'VMId')
            if ($vm_id.Length -eq 0) {
                throw 'an item without VMId: only asking VM by VM tells whose it is'
            }
            if ($lists.ContainsKey($vm_id)) {
                $null = $lists[$vm_id].Add($item)
            }
        }
        return $lists
    }
    catch {
        if ((Get-Cause -Record $_) -eq 'absent') {
            Add-ErrorGap -Whats $What -Record $_
            return @{}
        }
    }
    $lists = @{}
    foreach ($vm in $VMs) {
        if (-not (Test-TimeLeft)) {
            # The VMs that were not reached have no entry, which is unknown.
            Add-Gap -What $What -Why 'timed_out' -Detail (Get-TimeSpent)
            break
        }
        try {
            $items = @(Get-Companion -VMs $vm -Kind $Kind)
            $list = New-Object -TypeName System.Collections.ArrayList
            foreach ($item in $items) {
                if ($null -ne $item) {
                    $null = $list.Add($item)
                }
            }
            $lists[[string]$vm.Id] = $list
        }
        catch {
            Add-ErrorGap -Whats $What -Record $_
        }
    }
    $lists
}

function Read-Integration {
    # The component's GUID is the tail of its Id, the same in every language; the name is localised.
    param($Items)
    $fields = [ordered]@{
        component = 'Id', 'text'
        enabled = 'Enabled', 'bool'
        primary_status = 'PrimaryOperationalStatus', 'int'
        secondary_status = 'SecondaryOperationalStatus', 'int'
    }
    foreach ($item in $Items) {
        $row = Read-Row -Source $item -Fields $fields -What 'vms.integration'
        if ([string]$row['component'] -match ('(' + $GuidPattern + ')\}?$')) {
            $row['component'] = $Matches[1].ToUpperInvariant()
            $row
        }
        else {
            Add-Gap -What 'vms.integration' -Why 'failed' -Detail 'an Id without a GUID'
        }
    }
}

function Read-Disk {
    param($Items)
    $fields = [ordered]@{
        path = 'Path', 'path'
        disk_number = 'DiskNumber', 'int'
        controller_type = 'ControllerType', 'int'
        controller_number = 'ControllerNumber', 'int'
        controller_location = 'ControllerLocation', 'int'
        persistent_reservations = 'SupportPersistentReservations', 'bool'
    }
    foreach ($item in $Items) {
        Read-Row -Source $item -Fields $fields -What 'vms.disks'
    }
}

function Read-Checkpoint {
    # Each checkpoint once, though backup checkpoints come in both lists.
    param($Items)
    $fields = [ordered]@{
        checkpoint_id = 'Id', 'guid'
        name = 'Name', 'text'
        kind = 'SnapshotType', 'int'
        parent_id = 'ParentSnapshotId', 'guid'
        is_automatic = 'IsAutomaticCheckpoint', 'bool'
        created_at = 'CreationTime', 'time'
    }
    $seen = @{}
    foreach ($item in $Items) {
        $row = Read-Row -Source $item -Fields $fields -What 'vms.checkpoints'
        if ($null -ne $row['checkpoint_id'] -and -not $seen.ContainsKey($row['checkpoint_id'])) {
            $seen[$row['checkpoint_id']] = $true
            $row
        }
    }
}

function Test-FileExists {
    # True, false, or null where the folder cannot be listed: Test-Path says false for "not allowed", too.
    param([string]$Path)
    try {
        if (Test-Path -LiteralPath $Path -ErrorAction Stop) {
            return $true
        }
        $cut = $Path.LastIndexOf('\')
        if ($cut -lt 0) {
            return $null
        }
        $folder = $Path.Substring(0, $cut + 1)
        $null = @(Get-ChildItem -LiteralPath $folder -ErrorAction Stop)
        return $false
    }
    catch {
        return $null
    }
}

function Read-Image {
    # Every virtual disk file behind the given paths with all its parents, each read once. Opens the files' headers.
    param($Paths)
    $fields = [ordered]@{
        format = 'VhdFormat', 'int'
        kind = 'VhdType', 'int'
        size_bytes = 'Size', 'bytes'
        file_bytes = 'FileSize', 'bytes'
        parent_path = 'ParentPath', 'path'
        attached = 'Attached', 'bool'
    }
    $seen = @{}
    foreach ($leaf in $Paths) {
        $path = $leaf
        while ($null -ne $path -and $path.Length -gt 0 -and -not $seen.ContainsKey($path)) {
            if (-not (Test-TimeLeft)) {
                # A file that was not reached has no row: its chain is unknown, never broken.
                Add-Gap -What 'images' -Why 'timed_out' -Detail (Get-TimeSpent)
                return
            }
            $seen[$path] = $true
            $image = [ordered]@{
                path = $path
                exists = $null
                format = $null
                kind = $null
                size_bytes = $null
                file_bytes = $null
                parent_path = $null
                attached = $null
                error_id = $null
            }
            try {
                $row = $null
                foreach ($disk in @(Get-VHD -Path $path -ErrorAction Stop)) {
                    $row = Read-Row -Source $disk -Fields $fields -What 'images'
                }
                if ($null -ne $row) {
                    $image['exists'] = $true
                    foreach ($field in @($fields.Keys)) {
                        $image[$field] = $row[$field]
                    }
                }
            }
            catch {
                # In use elsewhere, rights, damage or a missing file: only `exists` can tell the last one.
                $image['error_id'] = Get-ErrorId -Record $_
                $image['exists'] = Test-FileExists -Path $path
                if ((Get-Cause -Record $_) -eq 'denied' -or $image['error_id'] -like 'CommandNotFoundException*') {
                    Add-ErrorGap -Whats 'images' -Record $_
                }
            }
            $image
            $path = $image['parent_path']
        }
    }
}

function Add-Security {
    # Virtual TPM and shielding. The answer names no VM, so they are asked one at a time, and only those that can have
    # them: generation 2. What they say never decides a verdict, so a host with very many VMs is not held up by it.
    param($VMs, $Rows)
    $fields = [ordered]@{
        tpm_enabled = 'TpmEnabled', 'bool'
        shielded = 'Shielded', 'bool'
    }
    $rows_by_id = @{}
    foreach ($row in $Rows) {
        $rows_by_id[$row['vm_id']] = $row
    }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    foreach ($vm in $VMs) {
        $row = $rows_by_id[[string](ConvertTo-Plain -Value $vm.Id -Kind 'guid')]
        if ($null -eq $row -or $row['generation'] -ne 2) {
            continue
        }
        if ($watch.Elapsed.TotalSeconds -gt 20) {
            Add-Gap -What 'vms.tpm_enabled' -Why 'timed_out' -Detail 'after 20 s'
            Add-Gap -What 'vms.shielded' -Why 'timed_out' -Detail 'after 20 s'
            return
        }
        try {
            foreach ($security in @(Get-VMSecurity -VM $vm -ErrorAction Stop)) {
                $found = Read-Row -Source $security -Fields $fields -What 'vms'
                if ($null -ne $found) {
                    $row['tpm_enabled'] = $found['tpm_enabled']
                    $row['shielded'] = $found['shielded']
                }
            }
        }
        catch {
            Add-ErrorGap -Whats @('vms.tpm_enabled', 'vms.shielded') -Record $_
            if ((Get-Cause -Record $_) -eq 'absent') {
                return
            }
        }
    }
}

function Read-VM {
    $data = [ordered]@{
        vms = $null
        images = $null
        registered_count = $null
        reference_point_vm_ids = $null
        rct_vm_ids = $null
    }
    $fields = [ordered]@{
        vm_id = 'Id', 'guid'
        name = 'Name', 'text'
        state = 'State', 'int'
        generation = 'Generation', 'int'
        version = 'Version', 'text'
        operational_status = 'OperationalStatus', 'ints'
        checkpoint_type = 'CheckpointType', 'int'
        automatic_checkpoints = 'AutomaticCheckpointsEnabled', 'bool'
        stop_action = 'AutomaticStopAction', 'int'
        start_action = 'AutomaticStartAction', 'int'
        checkpoint_path = 'SnapshotFileLocation', 'path'
        configuration_path = 'ConfigurationLocation', 'path'
        parent_checkpoint_id = 'ParentSnapshotId', 'guid'
        is_clustered = 'IsClustered', 'bool'
        uptime_seconds = 'Uptime.TotalSeconds', 'long'
        heartbeat = 'Heartbeat', 'int'
        dynamic_memory = 'DynamicMemoryEnabled', 'bool'
        memory_assigned_bytes = 'MemoryAssigned', 'bytes'
        memory_startup_bytes = 'MemoryStartup', 'bytes'
        replication_mode = 'ReplicationMode', 'int'
        replication_state = 'ReplicationState', 'int'
        replication_health = 'ReplicationHealth', 'int'
        created_at = 'CreationTime', 'time'
        tpm_enabled = $null
        shielded = $null
        scsi_controllers = $null
        fibre_channel_adapters = 'FibreChannelHostBusAdapters', 'count'
        integration = $null
        disks = $null
        checkpoints = $null
    }

    $registered = $null
    try {
        $registered = @(Get-RegisteredVM)
        $data['registered_count'] = $registered.Count
    }
    catch {
        Add-ErrorGap -Whats 'registered_count' -Record $_
    }

    $vms = $null
    $lost = @()
    try {
        $vms = @(foreach ($vm in @(Get-VM -ErrorAction Stop)) { if ($null -ne $vm) { $vm } })
    }
    catch {
        $why = Get-Cause -Record $_
        if ($why -eq 'denied') {
            throw
        }
        Add-ErrorGap -Whats 'vms' -Record $_
        if ($why -ne 'absent' -and $null -ne $registered) {
            $vms = @(Get-VMOneByOne -Registered $registered)
            $lost = @(Get-LostVM -Registered $registered -VMs $vms -Fields $fields)
        }
    }
    if ($null -ne $vms) {
        $data['vms'] = @()
        $data['images'] = @()
    }
    if ($null -ne $vms -and $vms.Count -gt 0) {
        $integration = Group-Companion -VMs $vms -Kind 'integration' -What 'vms.integration'
        $disks = Group-Companion -VMs $vms -Kind 'disks' -What 'vms.disks'
        $controllers = Group-Companion -VMs $vms -Kind 'scsi_controllers' -What 'vms.scsi_controllers'
        $checkpoints = Group-Companion -VMs $vms -Kind 'checkpoints' -What 'vms.checkpoints'
        # Whether 2012 and 2012 R2 list backup checkpoints unasked is not documented: ask for them, too.
        $recovery = Group-Companion -VMs $vms -Kind 'recovery_checkpoints' -What 'vms.checkpoints'

        $paths = New-Object -TypeName System.Collections.ArrayList
        $data['vms'] = @(foreach ($vm in $vms) {
            $row = Read-Row -Source $vm -Fields $fields -What 'vms'
            $key = [string]$vm.Id
            if ($controllers.ContainsKey($key)) {
                $row['scsi_controllers'] = $controllers[$key].Count
            }
            if ($integration.ContainsKey($key)) {
                $row['integration'] = @(Read-Integration -Items $integration[$key])
            }
            if ($disks.ContainsKey($key)) {
                $row['disks'] = @(Read-Disk -Items $disks[$key])
                foreach ($disk in $row['disks']) {
                    # A pass-through disk has text in its path, and a drive without a disk none.
                    if ($null -eq $disk['disk_number'] -and $null -ne $disk['path']) {
                        $null = $paths.Add($disk['path'])
                    }
                }
            }
            if ($checkpoints.ContainsKey($key)) {
                $items = @($checkpoints[$key])
                if ($recovery.ContainsKey($key)) {
                    $items = $items + @($recovery[$key])
                }
                $row['checkpoints'] = @(Read-Checkpoint -Items $items)
            }
            if ($null -eq $row['name']) {
                $row['name'] = ''
            }
            if ($null -ne $row['vm_id']) {
                $row
            }
        })
        $data['images'] = @(Read-Image -Paths $paths)
        Add-Security -VMs $vms -Rows $data['vms']
    }
    if ($lost.Count -gt 0) {
        $data['vms'] = @($data['vms']) + $lost
    }

    # From 2016 on: a product that uses Hyper-V's change tracking leaves reference points of type 2 (RCT) behind. Those
    # of type 1 (log-based) belong to Hyper-V Replica.
    try {
        $found = @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_VirtualSystemReferencePoint -ErrorAction Stop)
        $ids = @{}
        $tracked = @{}
        $typed = $true
        foreach ($point in $found) {
            $id = ConvertTo-Plain -Value (Read-Property -Source $point -Name 'VirtualSystemIdentifier') -Kind 'guid'
            $type = ConvertTo-Plain -Value (Read-Property -Source $point -Name 'ReferencePointType') -Kind 'int'
            if ($null -ne $id) {
                $ids[$id] = $true
                if ($type -eq 2) {
                    $tracked[$id] = $true
                }
                if ($null -eq $type) {
                    $typed = $false
                }
            }
        }
        $data['reference_point_vm_ids'] = @($ids.Keys)
        if ($typed) {
            $data['rct_vm_ids'] = @($tracked.Keys)
        }
        else {
            Add-Gap -What 'rct_vm_ids' -Why 'absent' -Detail 'ReferencePointType'
        }
    }
    catch {
        Add-ErrorGap -Whats @('reference_point_vm_ids', 'rct_vm_ids') -Record $_
    }
    $data
}
