"""How a script sees that Hyper-V works on a VM: by the numbers that the rule about busy VMs knows, too."""

from audits.judgement.vm_state import BUSY_STATUSES, IN_SERVICE

IS_BUSY = f"{', '.join(map(str, sorted({IN_SERVICE, *BUSY_STATUSES})))} -contains [int]$_"
# How many VMs of the host are; by itself it reads every VM.
BUSY_VMS = f"""@(Get-VM | Where-Object {{
        $_.OperationalStatus | Where-Object {{ {IS_BUSY} }}
    }}).Count"""
