# Fleet Audit capture kit 1
# Reads what no public source says of Hyper-V and VSS on this Windows, and prints it as one JSON text with every name,
# id, path and address replaced. It changes nothing, writes no file and sends nothing: look at what it printed, then
# send it if you like. How to run it, and the lab steps between two runs, are in docs/capture-kit.md.
param(
    # Your own random text, at least 16 characters. With it the same name gets the same replacement in every bundle;
    # keep it: without it nobody can tell what stands behind a replacement.
    [string]$Salt = '',
    # What was changed before this run, in your own words, such as: backup service switched off on VM 2.
    [string]$Label = '',
    # Limit for each of the two native programs.
    [int]$ProgramSeconds = 120
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

$KitVersion = '1'
$SectionSeconds = 120
$VirtualizationNamespace = 'root/virtualization/v2'
$GuidPattern = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
$HyperVWriter = '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de'
# Ids that are the same on every Windows and name nobody: the Hyper-V writer, and the integration components.
$PublicIds = @(
    '66841cd4-6ded-4f4b-8f17-fd23f8ddc3de',
    '5ced1297-4598-4915-a5fc-ad21bb4d02a4',
    '84eaae65-2f2e-45f5-9bb5-0e857dc8eb47',
    '2a34b1c2-fd73-4043-8a5b-dd2159bc743f',
    '9f8233ac-be49-4c79-8ee3-e7e1985b2077',
    '2497f4de-e9fa-4204-80e4-4b75c46419c0',
    '6c09bb55-d683-4da0-8931-c9bf705f6480'
)
