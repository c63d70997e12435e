"""The planner's promises, kept on described hosts and through the real product."""
