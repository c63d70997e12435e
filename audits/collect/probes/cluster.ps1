# Section cluster: nodes, groups of clustered VMs and Cluster Shared Volumes, as this node sees them.

function Test-ClusterService {
    # Whether the cluster service runs. The management tools alone are no cluster.
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='ClusSvc' OR Name='RpcSs'" -ErrorAction Stop)
    if ($found.Count -eq 0 -and (Test-HiddenService)) {
        $refusal = New-Object -TypeName System.UnauthorizedAccessException
        throw $refusal
    }
    foreach ($service in $found) {
        if ((Read-Property -Source $service -Name 'Name') -eq 'ClusSvc' -and
            (Read-Property -Source $service -Name 'State') -eq 'Running') {
            return $true
        }
    }
    $false
}

function Get-ResourceTypeName {
    # The type's name, which is not localised; some versions show the object, some only its name.
    param($Resource)
    $type = Read-Property -Source $Resource -Name 'ResourceType'
    if ($null -eq $type -or $type -is [string]) {
        return [string]$type
    }
    $name = Read-Property -Source $type -Name 'Name'
    if ($null -ne $name) {
        return [string]$name
    }
    [string]$type
}

function Get-OwnerName {
    # The name of a node or group that a property refers to, as object or as text.
    param($Source, [string]$Property)
    $owner = Read-Property -Source $Source -Name $Property
    if ($null -eq $owner -or $owner -is [string]) {
        return $owner
    }
    $name = Read-Property -Source $owner -Name 'Name'
    if ($null -ne $name) {
        return [string]$name
    }
    [string]$owner
}

function Read-VMResource {
    # Group name -> the id and state of each VM resource in it.
    $resources = @{}
    foreach ($resource in @(Get-ClusterResource -ErrorAction Stop)) {
        Assert-TimeLeft
        if ((Get-ResourceTypeName -Resource $resource) -eq 'Virtual Machine') {
            $group = [string](Get-OwnerName -Source $resource -Property 'OwnerGroup')
            $found = @{ vm_id = $null; state = $null }
            try {
                $found['state'] = ConvertTo-Plain -Value (Read-Property -Source $resource -Name 'State') -Kind 'int'
                foreach ($parameter in @(Get-ClusterParameter -InputObject $resource -Name VmID -ErrorAction Stop)) {
                    $found['vm_id'] = ConvertTo-Plain -Value (Read-Property -Source $parameter -Name 'Value') -Kind 'guid'
                }
            }
            catch {
                Add-ErrorGap -Whats 'groups.vm_id' -Record $_
            }
            if (-not $resources.ContainsKey($group)) {
                $resources[$group] = New-Object -TypeName System.Collections.ArrayList
            }
            $null = $resources[$group].Add($found)
        }
    }
    $resources
}

function Read-ClusterGroup {
    # A row for each VM resource of each group that holds virtual machines.
    $fields = [ordered]@{
        name = 'Name', 'text'
        vm_id = $null
        owner_node = $null
        group_state = 'State', 'int'
        resource_state = $null
    }
    $groups = @(Get-ClusterGroup -ErrorAction Stop)
    $resources = @{}
    try {
        $resources = Read-VMResource
    }
    catch {
        Add-ErrorGap -Whats @('groups.vm_id', 'groups.resource_state') -Record $_
    }
    foreach ($group in $groups) {
        # GroupType 111 is VirtualMachine.
        $type = $null
        try {
            $type = ConvertTo-Plain -Value (Read-Property -Source $group -Name 'GroupType') -Kind 'int'
        }
        catch {
            Add-ErrorGap -Whats 'groups' -Record $_
        }
        $name = [string](Read-Property -Source $group -Name 'Name')
        if ($type -eq 111 -or $resources.ContainsKey($name)) {
            $held = @(@{ vm_id = $null; state = $null })
            if ($resources.ContainsKey($name)) {
                $held = @($resources[$name])
            }
            foreach ($resource in $held) {
                $row = Read-Row -Source $group -Fields $fields -What 'groups'
                if ($null -ne $row['name']) {
                    $row['owner_node'] = Get-OwnerName -Source $group -Property 'OwnerNode'
                    $row['vm_id'] = $resource['vm_id']
                    $row['resource_state'] = $resource['state']
                    $row
                }
            }
        }
    }
}

function Read-SharedVolumeState {
    # Shared volume -> how each node reaches it. From 2012 R2 on.
    $states = @{}
    foreach ($item in @(Get-ClusterSharedVolumeState -ErrorAction Stop)) {
        $name = [string](Read-Property -Source $item -Name 'Name')
        # The property is StateInfo; Microsoft's page shows it as State.
        $state = Read-Property -Source $item -Name 'StateInfo'
        if ($null -eq $state) {
            $state = Read-Property -Source $item -Name 'State'
        }
        $row = [ordered]@{
            node = Get-OwnerName -Source $item -Property 'Node'
            state = $null
            is_direct = $null
        }
        if ($null -ne $state) {
            # The name of the enum's member, which is not localised.
            $row['state'] = [string]$state
            $row['is_direct'] = ([string]$state -eq 'Direct')
        }
        if (-not $states.ContainsKey($name)) {
            $states[$name] = New-Object -TypeName System.Collections.ArrayList
        }
        if ($null -ne $row['node']) {
            $null = $states[$name].Add($row)
        }
    }
    $states
}

function Read-SharedVolume {
    $fields = [ordered]@{
        name = $null
        path = 'FriendlyVolumeName', 'path'
        volume_id = 'Partition.Name', 'path'
        file_system = 'Partition.FileSystem', 'text'
        capacity_bytes = 'Partition.Size', 'bytes'
        free_bytes = 'Partition.FreeSpace', 'bytes'
        owner_node = $null
        state = $null
        fault_state = 'FaultState', 'int'
        in_maintenance = 'MaintenanceMode', 'bool'
        is_redirected = 'RedirectedAccess', 'bool'
        node_states = $null
    }
    $shared_volumes = @(Get-ClusterSharedVolume -ErrorAction Stop)
    $states = $null
    try {
        $states = Read-SharedVolumeState
    }
    catch {
        Add-ErrorGap -Whats 'shared_volumes.node_states' -Record $_
    }
    foreach ($shared_volume in $shared_volumes) {
        $name = [string](Read-Property -Source $shared_volume -Name 'Name')
        $state = $null
        try {
            $state = ConvertTo-Plain -Value (Read-Property -Source $shared_volume -Name 'State') -Kind 'int'
        }
        catch {
            Add-ErrorGap -Whats 'shared_volumes.state' -Record $_
        }
        foreach ($information in @(Read-Property -Source $shared_volume -Name 'SharedVolumeInfo')) {
            $row = Read-Row -Source $information -Fields $fields -What 'shared_volumes'
            if ($null -ne $row) {
                $row['name'] = $name
                $row['owner_node'] = Get-OwnerName -Source $shared_volume -Property 'OwnerNode'
                $row['state'] = $state
                if ($null -ne $states -and $states.ContainsKey($name)) {
                    $row['node_states'] = @($states[$name])
                }
                $row
            }
        }
    }
}

function Read-Cluster {
    if (-not (Test-ClusterService)) {
        $Skip['reason'] = 'no running cluster service'
        return
    }
    $data = [ordered]@{
        cluster_name = $null
        cluster_id = $null
        functional_level = $null
        nodes = $null
        groups = $null
        shared_volumes = $null
    }
    $cluster_fields = [ordered]@{
        cluster_name = 'Name', 'text'
        cluster_id = 'Id', 'guid'
        functional_level = 'ClusterFunctionalLevel', 'int'
    }
    try {
        foreach ($cluster in @(Get-Cluster -ErrorAction Stop)) {
            $row = Read-Row -Source $cluster -Fields $cluster_fields -What ''
            foreach ($field in @($cluster_fields.Keys)) {
                $data[$field] = $row[$field]
            }
        }
    }
    catch {
        Add-ErrorGap -Whats $cluster_fields.Keys -Record $_
    }
    $node_fields = [ordered]@{
        name = 'Name', 'text'
        node_id = 'Id', 'text'
        build = 'BuildNumber', 'int'
        state = 'State', 'int'
    }
    try {
        $found = @(Get-ClusterNode -ErrorAction Stop)
        $data['nodes'] = @(Read-Table -Items $found -Fields $node_fields -What 'nodes' -Key 'name')
    }
    catch {
        Add-ErrorGap -Whats 'nodes' -Record $_
    }
    try {
        $data['groups'] = @(Read-ClusterGroup)
    }
    catch {
        Add-ErrorGap -Whats 'groups' -Record $_
    }
    try {
        $data['shared_volumes'] = @(Read-SharedVolume)
    }
    catch {
        Add-ErrorGap -Whats 'shared_volumes' -Record $_
    }
    $data
}
