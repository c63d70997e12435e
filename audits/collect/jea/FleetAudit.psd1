@{
    RootModule = 'FleetAudit.psm1'
    ModuleVersion = '@VERSION@'
    GUID = '3f6f0a52-7a0f-4c0b-9a35-5d2f5a1f7c11'
    Author = 'Fleet Audit'
    Description = 'Reads what a live backup of this Hyper-V host''s virtual machines depends on. Changes nothing.'
    PowerShellVersion = '5.1'
    FunctionsToExport = @('Read-FleetAuditEvidence')
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
