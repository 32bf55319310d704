"""All that starts the product, and nothing else: it knows both the router and the subgraphs."""
