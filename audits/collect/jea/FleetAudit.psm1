# Fleet Audit module @VERSION@: the probe, word for word, as one function. It only reads.

# An endpoint that shows chosen commands only also stops loading modules by need. The function's own commands need it.
$PSModuleAutoLoadingPreference = 'All'

function Read-FleetAuditEvidence {
@PROBE@
}
