"""How the marketplace is asked: GraphQL, reactions to other domains' facts, jobs."""
