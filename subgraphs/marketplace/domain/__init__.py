"""What the marketplace does, as verbs; who may and what the rules say is decided here."""
