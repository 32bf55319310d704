"""What the outside may ask of the wallet: GraphQL, webhooks, and the facts of other domains."""
