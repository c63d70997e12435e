"""Rights levels, the JEA endpoint and the offline bundle."""
