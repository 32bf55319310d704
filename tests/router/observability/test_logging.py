"""What the log of a request holds, and what it never holds."""

import json
import subprocess
import sys

import pytest
import structlog

from trevo.gateway.request import GraphQLRequest
from trevo.observability.logging import Clock, _write_line, add_correlation_id
from trevo.observability.tracing import correlation_id

CIRCULAR = []
CIRCULAR.append(CIRCULAR)


async def test_neither_tokens_nor_values_of_variables_are_logged(router, graph):
    def fail(_request):
        raise RuntimeError("connection refused")

    graph.users.fault = fail
    with structlog.testing.capture_logs() as logs:
        await router.execute(
            GraphQLRequest(
                "query ($id: ID!) { user(id: $id) { id } }",
                variables={"id": "529.982.247-25"},
                headers={"authorization": "Bearer token-of-somebody"},
            )
        )
    assert [entry["event"] for entry in logs] == ["subgraph raised", "subgraph failed"]
    assert "connection refused" in logs[1]["detail"]
    text = repr(logs)
    assert "529.982" not in text
    assert "token-of-somebody" not in text


def test_every_line_has_the_correlation_id_of_its_request():
    token = correlation_id.set("request-1")
    try:
        assert add_correlation_id(None, "info", {"event": "x"}) == {"event": "x", "correlation_id": "request-1"}
    finally:
        correlation_id.reset(token)
    assert add_correlation_id(None, "info", {"event": "x"}) == {"event": "x"}


LINES = """
import structlog, time
from trevo.observability.logging import configure_logging
from trevo.observability.tracing import correlation_id

time.time_ns = lambda: 1_700_000_000_000_042_000
configure_logging("INFO", worker=2)
log = structlog.get_logger()
correlation_id.set("request-1")
log.debug("nobody reads this")
log.info("request", outcome="ok", path=__import__("pathlib").Path("/a"))
try:
    1 / 0
except ZeroDivisionError:
    log.exception("request failed")
"""


def test_a_line_is_json_with_its_time_its_worker_and_what_was_raised():
    told = subprocess.run([sys.executable, "-c", LINES], capture_output=True, text=True, check=True).stdout
    first, second = map(json.loads, told.splitlines())
    each = {"correlation_id": "request-1", "worker": 2, "timestamp": "2023-11-14T22:13:20.000042Z"}
    assert first == {"event": "request", "level": "info", "outcome": "ok", "path": "/a", **each}
    raised = second.pop("exception")
    assert second == {"event": "request failed", "level": "error", **each}
    assert raised.splitlines()[0] == "Traceback (most recent call last):"
    assert raised.splitlines()[-1] == "ZeroDivisionError: division by zero"


class Untold(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (2**70, 2**70),
        ([{"a": -(2**64)}], [{"a": -(2**64)}]),
        ("\ud800", "\ud800"),
        ({1: "a"}, {"1": "a"}),
        (Untold(), "Untold that cannot be written"),
        (CIRCULAR, "list that cannot be written"),
        pytest.param(10**5_000, "int that cannot be written", id="long"),
        (float("nan"), None),
        ([float("nan"), 2**70], "list that cannot be written"),
    ],
)
def test_a_line_is_written_whatever_it_is_to_tell(value, told):
    line = json.loads(_write_line(Clock(), {}, None, "info", {"event": "x", "value": value}))
    line.pop("timestamp")
    assert line == {"event": "x", "value": told, "level": "info"}


@pytest.mark.parametrize("error", [Untold(), ValueError("\ud800"), ValueError(2**70)])
def test_so_is_what_was_raised(error):
    line = json.loads(_write_line(Clock(), {}, None, "error", {"event": "x", "exc_info": error}))
    assert type(error).__name__ in line["exception"]


def test_each_second_is_written_anew(monkeypatch):
    clock = Clock()
    times = iter([1_700_000_000_999_999_999, 1_700_000_001_000_000_000, 1_700_000_001_500_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(times))
    assert [clock.now() for _ in range(3)] == [
        "2023-11-14T22:13:20.999999Z",
        "2023-11-14T22:13:21.000000Z",
        "2023-11-14T22:13:21.500000Z",
    ]
