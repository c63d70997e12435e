"""The simulated estate: its shapes, its counts, and what it intends."""
