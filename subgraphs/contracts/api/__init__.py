"""The domain's doors: GraphQL, its own HTTP routes, reactions to events."""
