"""Parties outside: those who carry e-mails, push messages and SMS."""
