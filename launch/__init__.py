"""Everything that starts the product: the one place that knows both the router and the subgraphs."""
