"""Section `guests`: what guests say of themselves; nobody is asked without a guest credential."""

from datetime import datetime

from simulator.windows.host import WindowsHost
from simulator.windows.sections.reading import Reading

NO_CREDENTIAL = "no guest credential is set"


def read(host: WindowsHost, now: datetime, anchor: datetime) -> Reading:
    return Reading(None, status="skipped", reason=NO_CREDENTIAL)
