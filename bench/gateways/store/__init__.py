"""The graph that all gateways serve: four small schemas, what is in them, and the servers that answer for them."""
