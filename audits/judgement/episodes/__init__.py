"""The third witness: times at which a VM verifiably was in a saved state, out of a host's event log and its jobs."""
