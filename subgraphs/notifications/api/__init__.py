"""The doors: GraphQL, reactions to events, jobs."""
