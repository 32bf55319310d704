"""Parties outside the platform: a protocol each, and the sandbox that stands in for them."""
