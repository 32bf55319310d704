"""What the whole router shares: its settings, its limits, and the errors a client may read."""
