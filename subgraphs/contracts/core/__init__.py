"""Settings and services."""
