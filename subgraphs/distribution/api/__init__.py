"""How distribution is asked: GraphQL and reactions to other domains' facts."""
