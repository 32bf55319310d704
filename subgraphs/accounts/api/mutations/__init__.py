"""What a client may do, one verb per file."""
