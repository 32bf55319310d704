"""
Sérgio's story, told through the public GraphQL endpoint by an ordinary HTTP client: a chapter per file.

It is the product's own proof: what a person could do with the endpoint, step by step on the screen, ending with every
wallet's statement and the books balanced to the cent.
"""
