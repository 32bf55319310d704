"""What a client may do: a file per verb."""
