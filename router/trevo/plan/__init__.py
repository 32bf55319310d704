"""What a planner makes and an executor runs: plan nodes and their one text form."""
