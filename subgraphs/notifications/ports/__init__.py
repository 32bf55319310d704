"""Parties outside: those who carry e-mail and push messages."""
