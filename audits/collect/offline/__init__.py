"""Reading a host that nobody can reach: one script to run there by hand, and its output to bring back."""

from audits.collect.offline.output import Output, OutputUnreadable, read_output
from audits.collect.offline.script import offline_script

__all__ = ["Output", "OutputUnreadable", "offline_script", "read_output"]
