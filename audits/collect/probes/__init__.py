"""The read-only PowerShell that a host runs: its files, put together into one script."""

from audits.collect.probes.script import PROBE_VERSION, SECTION_ORDER, guest_script, probe_script, probe_sha256

__all__ = ["PROBE_VERSION", "SECTION_ORDER", "guest_script", "probe_script", "probe_sha256"]
