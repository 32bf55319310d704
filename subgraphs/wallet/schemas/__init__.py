"""What GraphQL does not type: validated commands, event payloads, webhook bodies."""
