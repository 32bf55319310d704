"""What one fetch costs by each carrier of HTTP to subgraphs."""
