# Fleet Audit guest probe 1.0.0
param(
    [int]$EventDays = 14,
    [int]$WriterSeconds = 20
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$StorageNamespace = 'root/Microsoft/Windows/Storage'
$GuidPattern = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
