"""What GraphQL does not type: commands, event payloads."""
