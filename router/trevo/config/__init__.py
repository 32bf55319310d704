"""What the router is told: every setting and bound, from variables and a file."""
