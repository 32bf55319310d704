"""What an operator sees of a running router: logs, metrics and the ids that tie them together."""
