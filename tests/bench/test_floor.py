"""The floor's bench: each of its servers answers, whatever the router's endpoint has become since it was written."""

from bench.floor.__main__ import measure, table

LAYERS = ["bytes", "http", "paths, headers", "endpoint", "answer", "log", "one fetch"]


async def test_every_layer_answers_and_has_its_line() -> None:
    found = await measure(rounds=1, requests=20, connections=2)
    assert list(found) == LAYERS
    lines = table(found, connections=2).splitlines()[3:]
    assert [line[:20].rstrip() for line in lines] == LAYERS
