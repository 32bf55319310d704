"""What distribution does: keep who holds what, split payments, note what was credited, state the year's income."""
