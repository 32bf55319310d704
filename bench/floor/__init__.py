"""What the floor of one request is made of, layer by layer: `make bench-floor`."""
