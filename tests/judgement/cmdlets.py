"""What a fix may call: cmdlets with the parameters that Microsoft's reference gives them, and since which Windows.

A line added here is a decision: it was looked up in the reference of the Windows Server version it names.
"""

from audits.judgement.words import WindowsBuild

SINCE_2008_R2 = WindowsBuild.SERVER_2008_R2
SINCE_2012 = WindowsBuild.SERVER_2012
SINCE_2012_R2 = WindowsBuild.SERVER_2012_R2
SINCE_2016 = WindowsBuild.SERVER_2016

# Name in lower case: (parameters in lower case, first build).
CMDLETS: dict[str, tuple[frozenset[str], int]] = {
    name: (frozenset(parameters.split()), since)
    for since, cmdlets in {
        SINCE_2008_R2: {
            "export-pfxcertificate": "cert filepath password",  # since 2012; its fix is for 2016 and later
            "foreach-object": "",
            "get-childitem": "",
            "get-cluster": "",
            "get-clustergroup": "vmid",
            "get-clusternode": "",
            "get-clustersharedvolume": "",
            "get-itemproperty": "path",
            "get-service": "name",
            "get-winevent": "filterhashtable maxevents",
            "get-wmiobject": "class filter",
            "join-path": "",
            "new-item": "path",
            "new-itemproperty": "path name propertytype value force",
            "out-null": "",
            "read-host": "assecurestring",
            "remove-itemproperty": "path name",
            "restart-service": "name",
            "resume-clusterresource": "",
            "select-object": "first",
            "set-service": "name startuptype",
            "sort-object": "descending",
            "start-clustergroup": "",
            "start-service": "name",
            "stop-service": "name",
            "test-path": "literalpath",
            "where-object": "",
            "write-host": "",
        },
        SINCE_2012: {
            "add-vmharddiskdrive": "vm path controllertype controllernumber controllerlocation disknumber "
            "supportpersistentreservations",
            "add-vmscsicontroller": "vm",
            "convert-vhd": "path destinationpath",
            "copy-item": "literalpath destination",
            "disable-vmintegrationservice": "",
            "enable-vmintegrationservice": "",
            "get-ciminstance": "classname filter",
            "get-disk": "",
            "get-vhd": "path vmid",
            "get-vm": "id",
            "get-vmharddiskdrive": "vm",
            "get-vmintegrationservice": "vm",
            "get-vmreplication": "vm",
            "get-vmscsicontroller": "vm",
            "get-vmsnapshot": "vm snapshottype",
            "get-windowsfeature": "name",
            "install-windowsfeature": "name",
            "merge-vhd": "path destinationpath",
            "move-vmstorage": "vm destinationstoragepath",
            "new-vhd": "path sizebytes sourcedisk dynamic",
            "remove-vmharddiskdrive": "",
            "remove-vmscsicontroller": "",
            "remove-vmsnapshot": "",
            "resume-clusternode": "name failback",
            "resume-vm": "vm",
            "resume-vmreplication": "vm",
            "set-vm": "vm snapshotfilelocation checkpointtype",
            "set-vmharddiskdrive": "path",
            "start-vm": "vm",
            "stop-vm": "vm",
            "suspend-clusternode": "name drain wait",
            "suspend-vm": "vm",
            "suspend-vmreplication": "vm",
            "uninstall-windowsfeature": "name",
            "update-clustervirtualmachineconfiguration": "vmid",
        },
        SINCE_2012_R2: {
            "get-clustersharedvolumestate": "",
            "get-vmfibrechannelhba": "vm",
            "remove-vmfibrechannelhba": "",
        },
        SINCE_2016: {
            "get-vmhostsupportedversion": "default",
            "update-clusterfunctionallevel": "",
            "update-vmversion": "vm",
        },
    }.items()
    for name, parameters in cmdlets.items()
}
COMMON_PARAMETERS = frozenset({"erroraction"})
# Parameters that came later than their cmdlet.
LATER_PARAMETERS = {
    ("get-clustergroup", "vmid"): SINCE_2012,
    ("set-vm", "checkpointtype"): SINCE_2016,
    ("add-vmharddiskdrive", "supportpersistentreservations"): SINCE_2012_R2,
}
# Programs of Windows; their arguments are checked by the tests of quoting.
PROGRAMS = frozenset({"convert.exe", "icacls.exe", "vssadmin.exe"})
