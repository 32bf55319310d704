"""Distribution's part of the graph."""
