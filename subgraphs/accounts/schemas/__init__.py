"""What GraphQL does not type: events, commands."""
