"""
What is made of the sources before anything runs: the supergraph, GraphiQL's page, the trained scorecard, the router's
release, the lock file.
"""
