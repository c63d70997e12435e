# One function for each question that the documentation leaves open; the numbers are those of docs/limits.md.

function Get-Windows {
    # Which Windows this is: the frame of every other answer.
    foreach ($system in @(Get-CimInstance -ClassName Win32_OperatingSystem -ErrorAction Stop)) {
        [ordered]@{
            build = ConvertTo-Plain -Value $system.BuildNumber -Kind 'int'
            product_type = ConvertTo-Plain -Value $system.ProductType -Kind 'int'
            sku = ConvertTo-Plain -Value $system.OperatingSystemSKU -Kind 'int'
            language = ConvertTo-Plain -Value $system.OSLanguage -Kind 'int'
            ui_culture = [System.Globalization.CultureInfo]::CurrentUICulture.Name
            powershell = $PSVersionTable['PSVersion'].ToString()
        }
    }
}

function Get-WriterText {
    # Q2, Q5, Q13: the layout of a program's writer list, in this language, and how long it took.
    param([string]$Program)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $answer = Read-NativeList -Program $Program -Milliseconds ($ProgramSeconds * 1000)
    $took = [int]$watch.ElapsedMilliseconds
    $lines = New-Object -TypeName System.Collections.ArrayList
    $inside = $false
    foreach ($block in ($answer['text'] -split '\r?\n[ \t]*\r?\n(?=\S)|(?=\r?\n\s*\*\s)')) {
        # Other writers may name products: of them only the number of lines is told.
        $all = @($block -split '\r?\n')
        if ($block -match $HyperVWriter) {
            $inside = $true
            foreach ($line in $all) {
                if ($lines.Count -lt 2000) {
                    $null = $lines.Add((ConvertTo-HiddenLine -Line $line))
                }
            }
        }
        else {
            $null = $lines.Add('(another part of ' + [string]$all.Count + ' lines)')
        }
    }
    [ordered]@{
        exit_code = $answer['exit_code']
        milliseconds = $took
        characters = $answer['text'].Length
        has_hyper_v_writer = $inside
        lines = $lines
    }
}

function Get-Manifest {
    # Q6: every event of a provider as its manifest declares it. Microsoft's text, nothing of this host.
    param([string]$Provider)
    $events = New-Object -TypeName System.Collections.ArrayList
    foreach ($found in @(Get-WinEvent -ListProvider $Provider -ErrorAction Stop)) {
        foreach ($each in @(Read-Property -Source $found -Name 'Events')) {
            $text = [string](Read-Property -Source $each -Name 'Description')
            if ($text.Length -gt 300) {
                $text = $text.Substring(0, 300)
            }
            $null = $events.Add([ordered]@{
                id = ConvertTo-Plain -Value $each.Id -Kind 'long'
                version = ConvertTo-Plain -Value $each.Version -Kind 'int'
                level = ConvertTo-Plain -Value (Read-Property -Source $each.Level -Name 'Value') -Kind 'int'
                template = [string](Read-Property -Source $each -Name 'Template')
                text = $text
            })
        }
    }
    $events
}

function Get-WorkerEvent {
    # Q1, Q6: how often each id was logged in 14 days, and up to 3 events of each with everything replaced.
    param([string]$Provider)
    $start = ([System.DateTime]::Now).AddDays(-14)
    $counts = [ordered]@{}
    foreach ($record in @(Get-WinEvent -FilterHashtable @{ ProviderName = $Provider; StartTime = $start } -MaxEvents 2000 -ErrorAction Stop)) {
        $key = [string]$record.Id
        if (-not $counts.Contains($key)) {
            $counts[$key] = [ordered]@{
                id = [int]$record.Id
                count = 0
                samples = New-Object -TypeName System.Collections.ArrayList
            }
        }
        $counts[$key]['count'] = $counts[$key]['count'] + 1
        if ($counts[$key]['samples'].Count -lt 3) {
            $xml = $record.ToXml()
            $null = $counts[$key]['samples'].Add((ConvertTo-HiddenXml -Xml $xml))
        }
    }
    @($counts.Values)
}

function Get-Job {
    # Q4: jobs of the last five minutes. Run it during a backup, and again right after.
    foreach ($job in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ConcreteJob -ErrorAction Stop)) {
        [ordered]@{
            job_type = ConvertTo-Plain -Value $job.JobType -Kind 'int'
            job_state = ConvertTo-Plain -Value $job.JobState -Kind 'int'
            error_code = ConvertTo-Plain -Value $job.ErrorCode -Kind 'long'
            started_at = ConvertTo-Plain -Value $job.StartTime -Kind 'time'
            changed_at = ConvertTo-Plain -Value $job.TimeOfLastStateChange -Kind 'time'
        }
    }
}

function Get-Machine {
    # Q1, Q4, Q11: every registered VM with its state numbers and when it was last backed up.
    foreach ($system in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_ComputerSystem -ErrorAction Stop)) {
        if ([string]$system.Name -match ('^' + $GuidPattern + '$')) {
            [ordered]@{
                vm = ConvertTo-HiddenId -Value ([string]$system.Name)
                enabled_state = ConvertTo-Plain -Value $system.EnabledState -Kind 'int'
                operational_status = @(foreach ($status in $system.OperationalStatus) { if ($null -ne $status) { [int]$status } })
                last_backup_at = ConvertTo-Plain -Value (Read-Property -Source $system -Name 'LastSuccessfulBackupTime') -Kind 'time'
            }
        }
    }
}

function Get-BackupComponent {
    # Q11: which of the two classes have rows for VMs that are off, and for checkpoints.
    param([string]$ClassName)
    foreach ($row in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName $ClassName -ErrorAction Stop)) {
        [ordered]@{
            vm = ConvertTo-HiddenId -Value ([string](Read-Property -Source $row -Name 'SystemName'))
            instance = ConvertTo-HiddenPair -Value ([string](Read-Property -Source $row -Name 'InstanceID'))
            enabled_state = ConvertTo-Plain -Value (Read-Property -Source $row -Name 'EnabledState') -Kind 'int'
            operational_status = @(foreach ($status in (Read-Property -Source $row -Name 'OperationalStatus')) { if ($null -ne $status) { [int]$status } })
        }
    }
}

function Get-ReferencePoint {
    # Q14: which VMs have reference points, and of which type. Type 2 should mean a product with change tracking.
    foreach ($point in @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_VirtualSystemReferencePoint -ErrorAction Stop)) {
        [ordered]@{
            vm = ConvertTo-HiddenId -Value ([string]$point.VirtualSystemIdentifier)
            type = ConvertTo-Plain -Value $point.ReferencePointType -Kind 'int'
            consistency = ConvertTo-Plain -Value $point.ConsistencyLevel -Kind 'int'
        }
    }
}

function Get-Count {
    # Q12: whether this account may read it at all; of what was read only the number is told.
    param([string]$What)
    switch ($What) {
        'Get-VM' {
            return @(Get-VM -ErrorAction Stop).Count
        }
        'Win32_ShadowStorage' {
            return @(Get-CimInstance -ClassName Win32_ShadowStorage -ErrorAction Stop).Count
        }
        'Win32_ShadowProvider' {
            return @(Get-CimInstance -ClassName Win32_ShadowProvider -ErrorAction Stop).Count
        }
        'Win32_Volume' {
            return @(Get-CimInstance -ClassName Win32_Volume -ErrorAction Stop).Count
        }
        'Win32_Service' {
            return @(Get-CimInstance -ClassName Win32_Service -ErrorAction Stop).Count
        }
        'Msvm_KvpExchangeComponent' {
            return @(Get-CimInstance -Namespace $VirtualizationNamespace -ClassName Msvm_KvpExchangeComponent -ErrorAction Stop).Count
        }
        'Get-Cluster' {
            return @(Get-Cluster -ErrorAction Stop).Count
        }
        'Get-ClusterGroup' {
            return @(Get-ClusterGroup -ErrorAction Stop).Count
        }
        'Get-ClusterSharedVolume' {
            return @(Get-ClusterSharedVolume -ErrorAction Stop).Count
        }
        'Get-VMHostSupportedVersion' {
            return @(Get-VMHostSupportedVersion -Default -ErrorAction Stop).Count
        }
        'Log of VMMS' {
            return @(Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-VMMS-Admin' -Oldest -MaxEvents 1 -ErrorAction Stop).Count
        }
        'Log of the workers' {
            return @(Get-WinEvent -LogName 'Microsoft-Windows-Hyper-V-Worker-Admin' -Oldest -MaxEvents 1 -ErrorAction Stop).Count
        }
    }
    throw 'no such thing'
}

function Read-Fact {
    param([string]$Name)
    switch ($Name) {
        'windows' {
            return Get-Windows
        }
        'vssadmin' {
            return Get-WriterText -Program 'vssadmin'
        }
        'diskshadow' {
            return Get-WriterText -Program 'diskshadow'
        }
        'manifest of the workers' {
            return Get-Manifest -Provider 'Microsoft-Windows-Hyper-V-Worker'
        }
        'manifest of VMMS' {
            return Get-Manifest -Provider 'Microsoft-Windows-Hyper-V-VMMS'
        }
        'events of the workers' {
            return Get-WorkerEvent -Provider 'Microsoft-Windows-Hyper-V-Worker'
        }
        'events of VMMS' {
            return Get-WorkerEvent -Provider 'Microsoft-Windows-Hyper-V-VMMS'
        }
        'jobs' {
            return Get-Job
        }
        'machines' {
            return Get-Machine
        }
        'backup components' {
            return Get-BackupComponent -ClassName 'Msvm_VssComponent'
        }
        'backup settings' {
            return Get-BackupComponent -ClassName 'Msvm_VssComponentSettingData'
        }
        'reference points' {
            return Get-ReferencePoint
        }
    }
    Get-Count -What $Name
}

function Get-Fact {
    # One answer, or the id, category and type of the error: never its message, which is localised and names things.
    param([string]$Name)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $fact = [ordered]@{
        name = $Name
        is_read = $false
        milliseconds = 0
        why = $null
        error_id = $null
        category = $null
        answer = $null
    }
    try {
        $answer = @(Read-Fact -Name $Name)
        $fact['is_read'] = $true
        $fact['answer'] = $answer
    }
    catch {
        $fact['why'] = Get-Cause -Record $_
        $id = Get-ErrorId -Record $_
        $fact['error_id'] = $id -replace $GuidPattern, 'id' -replace '[a-zA-Z]:\\[^,]*', 'path'
        $fact['category'] = [string]$_.CategoryInfo.Category
    }
    $fact['milliseconds'] = [int]$watch.ElapsedMilliseconds
    $fact
}
