"""The domain subgraphs. Each owns its database and its part of the graph; none imports another."""
