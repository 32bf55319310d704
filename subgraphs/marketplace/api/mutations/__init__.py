"""What a client may do in the marketplace, a file each."""
