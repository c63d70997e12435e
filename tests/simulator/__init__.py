"""The simulated host against clients that nobody here wrote, and against what was recorded from Windows."""
