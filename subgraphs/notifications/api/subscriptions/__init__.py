"""What a client may listen to, a file per event."""
