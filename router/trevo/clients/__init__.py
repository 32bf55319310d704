"""Asks subgraphs: what a client promises (`subgraph_client.py`), and the clients that keep it."""
