"""The domain's part of the graph, a file per noun."""
