"""What the pages read, one concern per file; everything starts at audits.access or fleet.access."""
