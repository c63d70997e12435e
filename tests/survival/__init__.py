"""What must hold whatever dies: one outcome per host, no forgotten shell, and no secret in anything that is left."""
