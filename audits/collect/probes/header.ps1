# Fleet Audit probe 1.1.0
param(
    [string]$Sections = 'identity,services,volumes,cluster,vms,guest_facts,vss_events,vm_events,jobs,writers,guests',
    [int]$EventDays = 14,
    [int]$EventLimit = 2000,
    [int]$SectionSeconds = 60,
    [int]$VMEventLimit = 4000,
    [int]$WriterSeconds = 60,
    [string]$GuestList = '',
    [System.Management.Automation.PSCredential[]]$GuestCredentials = @(),
    [int]$GuestSeconds = 60
)

# Stop, because most cmdlet errors are non-terminating and would leave a short list that looks like a result.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$ProbeVersion = '1.1.0'
$VirtualizationNamespace = 'root/virtualization/v2'
$GuidPattern = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
