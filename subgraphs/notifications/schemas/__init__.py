"""Event payloads."""
