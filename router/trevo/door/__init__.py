"""
What every door of the graph measures before it lets a request in: the router's, and each subgraph's own.

A subgraph trusts nobody, so whatever bounds a request at the router bounds it there too, by the same code. Nothing here
reads a setting, a clock or a socket: figures come in, a verdict goes out. What is refused, in which words, and what is
logged is the affair of whoever keeps the door.

This package imports neither the router nor the subgraphs nor the launcher.
"""
