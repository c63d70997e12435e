"""The numbers: each benchmark measures one promise on this machine and says how. Nothing here is a test."""
