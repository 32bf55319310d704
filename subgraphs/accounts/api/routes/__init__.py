"""Accounts' own HTTP routes: OAuth 2, keys, uploads, and the sandbox's outbox."""
