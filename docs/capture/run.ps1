# The bundle: one JSON text on the output.

if ($Salt.Length -lt 16) {
    throw 'give a random text of at least 16 characters as -Salt, and keep it'
}

$names = @(
    'windows', 'machines', 'jobs', 'backup components', 'backup settings', 'reference points',
    'Get-VM', 'Get-VMHostSupportedVersion', 'Msvm_KvpExchangeComponent', 'Win32_Service', 'Win32_Volume',
    'Win32_ShadowStorage', 'Win32_ShadowProvider', 'Get-Cluster', 'Get-ClusterGroup', 'Get-ClusterSharedVolume',
    'Log of VMMS', 'Log of the workers', 'events of the workers', 'events of VMMS',
    'manifest of the workers', 'manifest of VMMS', 'vssadmin', 'diskshadow'
)
$bundle = [ordered]@{
    kit = $KitVersion
    label = $Label
    host = ConvertTo-Hidden -Value ([System.Environment]::MachineName) -Kind 'host'
    captured_at = ConvertTo-Plain -Value ([System.DateTime]::UtcNow) -Kind 'time'
    facts = @(foreach ($name in $names) { Get-Fact -Name $name })
}
$builder = New-Object -TypeName System.Text.StringBuilder
Write-Json -Value $bundle -Builder $builder
Write-Output -InputObject ($builder.ToString())
