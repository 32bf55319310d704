"""Manifests for the tests, as tools write them."""

import orjson

from trevo.persisted.manifest import hash_of


def apollo(**bodies):
    """By name and body; each id is the hash."""
    operations = [{"id": hash_of(body), "name": name, "type": "query", "body": body} for name, body in bodies.items()]
    return orjson.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def relay(bodies):
    """By id."""
    return orjson.dumps(bodies)
