"""This router beside others, over the same cheap subgraphs: `make bench-gateways`."""
