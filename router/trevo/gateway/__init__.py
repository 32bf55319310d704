"""From a request to its answer, over one graph after another; no word of HTTP."""
