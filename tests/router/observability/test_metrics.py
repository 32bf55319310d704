from trevo.observability.metrics import OPERATION_NAMES_MAX, Metrics


def test_clients_cannot_invent_labels_without_end():
    metrics = Metrics()
    for number in range(OPERATION_NAMES_MAX + 50):
        metrics.observe_request(f"Operation{number}", "query", "ok", 0.1)
    metrics.observe_request("Operation0", "query", "ok", 0.1)
    metrics.observe_request(None, "query", "ok", 0.1)
    counts = {
        line.split('operation="')[1].split('"')[0]: float(line.split()[-1])
        for line in metrics.text().decode().splitlines()
        if line.startswith("router_request_seconds_count")
    }
    assert len(counts) == OPERATION_NAMES_MAX + 2
    assert (counts["other"], counts["anonymous"], counts["Operation0"]) == (50, 1, 2)


def test_two_routers_in_one_process_count_apart():
    first, second = Metrics(), Metrics()
    first.observe_fetch("users", 0.1, "ok")
    assert b'router_subgraph_fetch_seconds_count{outcome="ok",subgraph="users"} 1.0' in first.text()
    assert b'subgraph="users"' not in second.text()


def test_waits_for_company_are_counted_by_whether_the_request_then_went_whole():
    metrics = Metrics()
    metrics.observe_company("wallet", 0.02, True)
    metrics.observe_company("wallet", 0.6, False)
    metrics.observe_company("wallet", 0.6, False)
    text = metrics.text().decode()
    assert 'router_subgraph_company_seconds_count{subgraph="wallet",went="whole"} 1.0' in text
    assert 'router_subgraph_company_seconds_count{subgraph="wallet",went="without"} 2.0' in text
    assert 'router_subgraph_company_seconds_sum{subgraph="wallet",went="without"} 1.2' in text
