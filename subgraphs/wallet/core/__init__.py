"""Settings of the wallet."""
