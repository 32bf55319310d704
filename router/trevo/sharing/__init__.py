"""What several want at the same time is done once."""
