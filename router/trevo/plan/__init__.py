"""What a planner makes and execution runs: plan nodes and their one text form."""
