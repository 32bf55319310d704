"""
A GraphQL federation router.

It reads a supergraph file (join directives, as Federation 2 composers write it), plans each operation into
fetches to subgraphs, executes the plan and answers as one graph. It knows nothing of who uses it.
"""

__version__ = "0.3.0"
