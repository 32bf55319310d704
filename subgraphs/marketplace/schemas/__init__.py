"""What GraphQL does not type: validated commands and events."""
