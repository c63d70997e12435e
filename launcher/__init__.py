"""From a bare checkout to running processes: standard library only, imports nothing of ours, knows no Django."""
