"""From the data tree to the client's response: the only place that decides what leaves the router."""
