"""Which bounds workers share, and that the shares add up."""

import pytest

from trevo.config.limits import Limits
from trevo.config.settings import Settings
from trevo.door.connections import ConnectionBounds
from trevo.workers.shares import DIVIDED, share_of

OF_ONE_THING = {
    "connections": {
        *("idle_seconds", "head_seconds_max", "head_bytes_max", "headers_max", "body_seconds_max"),
        *("body_grace_seconds", "body_bytes_per_second_min", "stall_seconds_max"),
    },
    "limits": {
        # a request
        *("body_bytes_max", "body_seconds_max", "query_characters_max", "tokens_max", "depth_max", "value_depth_max"),
        *("root_fields_max", "aliases_max", "introspection_aliases_max", "directives_max", "fields_max"),
        *(
            "comparisons_max",
            "conditions_max",
            "deferrals_max",
            "deferring_conditions_max",
            "name_characters_max",
            "deferred_places_max",
            "part_send_seconds_max",
            "variables_bytes_max",
            "cost_max",
            "list_size_assumed",
        ),
        *("cost_measured_share", "deadline_seconds", "planning_seconds_max", "planning_at_first_seconds_max"),
        *("planning_wait_seconds_max", "errors_max", "error_message_characters_max", "company_deadline_share"),
        # a subscription or a socket
        *("subscription_seconds_max", "subscription_send_seconds_max", "keep_alive_seconds"),
        *("socket_operations_max", "socket_init_seconds_max", "socket_idle_seconds_max"),
        # a fetch
        *("subgraph_seconds_max", "subgraph_deadline_share", "subgraph_connect_seconds_max"),
        *("subgraph_response_bytes_max", "subgraph_silence_seconds_max", "representations_max"),
        *("representations_per_call_max", "subgraphs"),
    },
}
EACH_FOR_ITSELF = {
    "connections": set(),
    # Each finds out for itself that a subgraph is away, and plans what it is asked.
    "limits": {
        *("circuit_failures", "circuit_window_seconds", "circuit_patience_seconds", "circuit_open_seconds"),
        *("operations_cached_max", "cached_once_bytes_max", "compile_after_uses"),
    },
}


@pytest.mark.parametrize(("group", "model"), [("connections", ConnectionBounds), ("limits", Limits)])
def test_of_every_bound_it_is_said_whether_it_is_shared(group, model):
    """A new one is of one thing, divided, or each worker's own: whoever adds it says which."""
    said = [*DIVIDED[group], *OF_ONE_THING[group], *EACH_FOR_ITSELF[group]]
    assert sorted(said) == sorted(model.model_fields)


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_shares_add_up(workers):
    settings = Settings(workers=workers)
    shares = [share_of(settings, number) for number in range(1, workers + 1)]
    for group, names in DIVIDED.items():
        for name in names:
            parts = [getattr(getattr(share, group), name) for share in shares]
            assert sum(parts) == getattr(getattr(settings, group), name)
            assert max(parts) - min(parts) <= 1


def test_what_is_not_divided_stays():
    settings = Settings(workers=2, port=4100)
    assert share_of(settings, 1).limits.depth_max == settings.limits.depth_max
    assert share_of(settings, 1).port == 4100


def test_less_than_one_for_each_is_refused():
    settings = Settings(workers=3, limits=Limits(in_flight_max=2))
    with pytest.raises(ValueError, match=r"limits\.in_flight_max is 2: too few for 3 workers"):
        share_of(settings, 1)
