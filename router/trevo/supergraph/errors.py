"""What is wrong with a supergraph file."""


class SupergraphError(Exception):
    """The supergraph cannot be used; the message tells the operator what to change. Never shown to clients."""
