# Section jobs: what Hyper-V does, or has done within the last five minutes. Finished jobs are kept no longer.

function Read-JobVM {
    # Job id -> id of the VM that it affects. A job has several affected elements; the VM is the one named by a GUID.
    $machines = @{}
    $found = @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_AffectedJobElement -ErrorAction Stop)
    foreach ($association in $found) {
        # References arrive as instances that hold their keys.
        $job = Read-Property -Source (Read-Property -Source $association -Name 'AffectingElement') -Name 'InstanceID'
        $name = Read-Property -Source (Read-Property -Source $association -Name 'AffectedElement') -Name 'Name'
        if ($null -ne $job -and [string]$name -match ('^' + $GuidPattern + '$')) {
            $machines[[string]$job] = ([string]$name).ToLowerInvariant()
        }
    }
    $machines
}

function Read-Job {
    $data = [ordered]@{
        jobs = $null
    }
    $fields = [ordered]@{
        job_id = 'InstanceID', 'text'
        job_type = 'JobType', 'int'
        job_state = 'JobState', 'int'
        started_at = 'StartTime', 'time'
        changed_at = 'TimeOfLastStateChange', 'time'
        elapsed_ms = $null
        error_code = 'ErrorCode', 'int'
        vm_id = $null
    }
    # Of a VM's life, its disks and its checkpoints; not the hundred others, as of switches and replication.
    $types = @(12, 13, 14, 15, 16, 26, 27, 28, 50, 51, 62, 70, 71, 72, 170)
    try {
        $found = @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ConcreteJob -ErrorAction Stop)
        $wanted = @(foreach ($job in $found) { if ((Read-Property -Source $job -Name 'JobType') -in $types) { $job } })
        $machines = @{}
        if ($wanted.Count -gt 0) {
            try {
                $machines = Read-JobVM
            }
            catch {
                Add-ErrorGap -Whats 'jobs.vm_id' -Record $_
            }
        }
        $rows = @(foreach ($job in $wanted) {
            $row = Read-Row -Source $job -Fields $fields -What 'jobs'
            # An interval arrives as a TimeSpan.
            $elapsed = Read-Property -Source (Read-Property -Source $job -Name 'ElapsedTime') -Name 'TotalMilliseconds'
            if ($null -ne $elapsed) {
                $row['elapsed_ms'] = [int64]$elapsed
            }
            if ($null -ne $row['job_id'] -and $machines.ContainsKey([string]$row['job_id'])) {
                $row['vm_id'] = $machines[[string]$row['job_id']]
            }
            $row
        })
        $data['jobs'] = $rows
    }
    catch {
        # Where Hyper-V does not offer the class there is nothing to miss.
        if ((Get-Cause -Record $_) -eq 'absent') {
            $Skip['reason'] = 'no jobs of Hyper-V on this Windows: ' + (Get-ErrorId -Record $_)
            return
        }
        Add-ErrorGap -Whats 'jobs' -Record $_
    }
    $data
}
