import pytest

from trevo.observability.tracing import begin_trace

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def test_a_well_formed_trace_is_continued_with_us_as_the_parent():
    trace = begin_trace({"traceparent": PARENT, "tracestate": "a=1", "x-correlation-id": "request-1"})
    version, trace_id, parent_id, flags = trace.traceparent.split("-")
    assert (version, trace_id, flags) == ("00", "0af7651916cd43dd8448eb211c80319c", "00")
    assert parent_id != "b7ad6b7169203331"
    assert (trace.tracestate, trace.correlation_id) == ("a=1", "request-1")


def test_a_later_version_is_read_as_far_as_it_is_ours():
    assert begin_trace({"traceparent": f"cc{PARENT[2:]}-more"}).traceparent.startswith(
        "00-0af7651916cd43dd8448eb211c80319c"
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        PARENT.upper(),
        PARENT[:-1],
        f"{PARENT}-more",
        f"ff{PARENT[2:]}",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_anything_else_begins_a_new_trace_without_its_state(header):
    trace = begin_trace({"traceparent": header, "tracestate": "a=1"})
    assert trace.tracestate is None
    assert "0af7651916cd43dd8448eb211c80319c" not in trace.traceparent
    assert [len(part) for part in trace.traceparent.split("-")] == [2, 32, 16, 2]


@pytest.mark.parametrize("offered", ["", "short", "x" * 65, "with space", 'quo"te123', "line\nbreak"])
def test_a_correlation_id_we_would_not_log_is_replaced(offered):
    assert len(begin_trace({"x-correlation-id": offered}).correlation_id) == 24


def test_every_request_has_ids_of_its_own():
    traces = [begin_trace({}) for _ in range(100)]
    assert len({trace.correlation_id for trace in traces}) == 100
    assert len({trace.traceparent for trace in traces}) == 100
