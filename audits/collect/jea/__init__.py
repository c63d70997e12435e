"""The JEA endpoint: a module whose one function is the probe, and the files that let a group call it."""

from audits.collect.jea.files import MODULE_VERSION, jea_archive, jea_files

__all__ = ["MODULE_VERSION", "jea_archive", "jea_files"]
