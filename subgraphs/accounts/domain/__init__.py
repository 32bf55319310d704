"""What may be done with an account, and what may not."""
