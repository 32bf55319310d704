"""
Sérgio's story, told through the public GraphQL endpoint by an ordinary HTTP client: a chapter per file.

It is the product's own proof: what a person could do with the endpoint, step by step on the screen, ending with every
wallet's statement and the books balanced to the cent. `make demo` tells all of it with the demo's people (`tell_on`);
tests and measurements that need a product with something in it tell its beginning with new people (`tell`).
"""
