"""The marketplace's part of the graph."""
