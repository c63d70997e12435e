"""The audit of one host, from a queued row to stored results; one idea per file, `one_host` puts them together."""
