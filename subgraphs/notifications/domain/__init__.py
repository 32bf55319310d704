"""The rules of telling."""
