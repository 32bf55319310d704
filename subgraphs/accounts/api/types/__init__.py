"""Types of the graph, one noun per file."""
