"""What the executor owes a plan, whoever made it: plans by hand, answers by hand."""

import asyncio
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from tests.router.written_outputs import written_outputs
from trevo.clients.subgraph_client import Deadline, SubgraphFailed, SubgraphResponse
from trevo.config.header_rules import HeaderRules, SubgraphHeaders
from trevo.config.limits import Limits, SubgraphLimits
from trevo.execute.errors import Failures
from trevo.execute.execute_plan import execute_plan
from trevo.execute.execution import Execution
from trevo.execute.prepare import prepare_plan
from trevo.plan.conditions import UNCONDITIONALLY
from trevo.plan.documents import write_entities
from trevo.plan.nodes import (
    Each,
    EntityCall,
    Fetch,
    Key,
    OnTypes,
    Part,
    QueryPlan,
    Rename,
    RepresentationField,
    RepresentationInput,
)

ID = RepresentationField("id", "id", is_key=True)
BOOK = RepresentationInput(frozenset({"Book"}), None, (ID,))
BOOKS = (Key("books"), Each())


class Client:
    """Answers each request with the next prepared answer."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def send(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if callable(answer):
            answer = await answer()
        if isinstance(answer, Exception):
            raise answer
        return SubgraphResponse(answer)


async def run(fetches, clients, *, data=None, conditions=None, **options):
    execution = Execution(
        clients=clients,
        variables=options.pop("variables", {}),
        conditions=conditions or {},
        deadline=options.pop("deadline", Deadline.after(30)),
        data=data or {},
        **options,
    )
    await execute_plan(prepare_plan(QueryPlan(tuple(fetches))), execution)
    return execution


def asking(subgraph, document, *, kind="query", number=0, after=(), conditions=UNCONDITIONALLY, **options):
    """A fetch of root fields."""
    outputs = written_outputs(document, options.get("renames", ()))
    return Fetch(subgraph, kind, document, (Part(number, after, conditions),), outputs=outputs, **options)


def together(*fetches):
    """*fetches*, none of which needs another."""
    return [replace(fetch, parts=(replace(fetch.parts[0], id=n),)) for n, fetch in enumerate(fetches)]


def in_turn(*fetches):
    """*fetches*, each after the one before it."""
    parts = [replace(fetch.parts[0], id=n, after=(n - 1,) if n else ()) for n, fetch in enumerate(fetches)]
    return [replace(fetch, parts=(part,)) for fetch, part in zip(fetches, parts, strict=True)]


def entities(subgraph, *calls):
    """A fetch with *calls*, each a part that needs nothing."""
    parts = tuple(Part(n, call=n, alone=call) for n, call in enumerate(calls))
    return Fetch(subgraph, "query", write_entities(calls, {}), parts, calls=calls)


def call_for(selection, *paths, inputs=(BOOK,), renames=()):
    text = f"{{ {selection} }}"
    return EntityCall(paths, inputs, text, written_outputs(text, renames), renames=renames)


def books(*ids):
    return {"books": [{"__typename": "Book", "id": id_} for id_ in ids]}


def places(failures: Failures):
    return [(error.path, error.message) for error in failures.errors]


async def test_a_plan_without_a_fetch_leaves_the_tree_empty():
    assert (await run([], {})).data == {}


async def test_answers_come_back_to_the_places_their_representations_came_from():
    client = Client({"data": {"_entities": [{"title": "A"}, None, {"title": "C"}]}})
    execution = await run(
        [entities("s", call_for("... on Book { title }", BOOKS))], {"s": client}, data=books("a", "b", "a", "c")
    )
    assert [r["id"] for r in client.requests[0].variables["representations"]] == ["a", "b", "c"]
    assert [book.get("title") for book in execution.data["books"]] == ["A", None, "A", "C"]


async def test_places_of_one_entity_share_nothing():
    client = Client({"data": {"_entities": [{"author": {"name": "N"}, "tags": [[1]]}]}})
    execution = await run(
        [entities("s", call_for("... on Book { author { name } tags }", BOOKS))], {"s": client}, data=books("a", "a")
    )
    first, second = execution.data["books"]
    assert first == second
    assert first["author"] is not second["author"]
    assert first["tags"][0] is not second["tags"][0]


async def test_nothing_to_ask_about_asks_nobody():
    client = Client()
    await run([entities("s", call_for("... on Book { title }", BOOKS))], {"s": client}, data={"books": []})
    await run([entities("s", call_for("... on Book { title }", BOOKS))], {"s": client}, data=books(None))
    assert client.requests == []


async def test_several_calls_in_one_fetch_have_their_own_answers_and_errors():
    fetch = entities(
        "s", call_for("... on Book { title }", (Key("x"),)), call_for("... on Book { price }", (Key("y"), Each()))
    )
    answer = {
        "data": {"_e0": [{"title": "A"}], "_e1": [{"price": None}]},
        "errors": [{"message": "no price", "path": ["_e1", 0, "price"]}],
    }
    book = {"__typename": "Book", "id": "a"}
    execution = await run([fetch], {"s": Client(answer)}, data={"x": dict(book), "y": [dict(book)]})
    assert execution.data == {"x": {**book, "title": "A"}, "y": [{**book, "price": None}]}
    assert places(execution.failures) == [(("y", 0, "price"), "no price")]


async def test_a_call_that_has_nothing_to_ask_is_left_out():
    fetch = entities("s", call_for("... on Book { x }", (Key("x"),)), call_for("... on Book { y }", BOOKS))
    client = Client({"data": {"_entities": [{"y": 1}]}})
    execution = await run([fetch], {"s": client}, data=books("a"))
    (request,) = client.requests
    assert request.document == (
        "query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Book { y } } }"
    )
    assert request.variables == {"representations": [{"__typename": "Book", "id": "a"}]}
    assert execution.data["books"][0]["y"] == 1
    assert not execution.failures


async def test_aliases_become_the_clients_names_in_data_and_in_errors():
    renames = (Rename((OnTypes(frozenset({"Book"})),), "_title", "title"),)
    fetch = entities("s", call_for("... on Book { _title: title }", BOOKS, renames=renames))
    answer = {
        "data": {"_entities": [{"_title": "A"}, {"_title": None}]},
        "errors": [{"message": "no", "path": ["_entities", 1, "_title"]}],
    }
    execution = await run([fetch], {"s": Client(answer)}, data=books("a", "b"))
    assert [book["title"] for book in execution.data["books"]] == ["A", None]
    assert places(execution.failures) == [(("books", 1, "title"), "no")]


async def test_renames_of_root_fields():
    fetch = asking("s", "{ pets { _n: name } }", renames=(Rename((Key("pets"), Each()), "_n", "name"),))
    answer = {"data": {"pets": [{"_n": None}]}, "errors": [{"message": "no", "path": ["pets", 0, "_n"]}]}
    execution = await run([fetch], {"s": Client(answer)})
    assert execution.data == {"pets": [{"name": None}]}
    assert places(execution.failures) == [(("pets", 0, "name"), "no")]


async def test_root_fields_below_a_path_go_to_every_object_there():
    fetch = asking("s", "{ me { name } }", path=(Key("pays"), Each()))
    answer = {"data": {"me": {"name": None}}, "errors": [{"message": "no", "path": ["me", "name"]}]}
    execution = await run([fetch], {"s": Client(answer)}, data={"pays": [{}, None, {}]})
    assert execution.data == {"pays": [{"me": {"name": None}}, None, {"me": {"name": None}}]}
    assert places(execution.failures) == [(("pays", 0, "me", "name"), "no"), (("pays", 2, "me", "name"), "no")]


async def test_lists_of_two_subgraphs_that_disagree_are_both_kept_and_told():
    plan = together(asking("a", "{ list { x } }"), asking("b", "{ list { y } }"))
    clients = {
        "a": Client({"data": {"list": [{"x": 1}]}}),
        "b": Client({"data": {"list": [{"y": 1}, {"y": 2}]}}),
    }
    execution = await run(plan, clients)
    assert execution.data == {"list": [{"x": 1, "y": 1}, {"y": 2}]}
    (error,) = execution.failures.errors
    assert (error.code, error.path, error.service) == ("INCONSISTENT_DATA", ("list",), "b")


async def test_values_of_an_entity_that_disagree_are_told_at_their_place():
    client = Client({"data": {"_entities": [{"tags": ["x"]}]}})
    data = {"books": [{"__typename": "Book", "id": "a", "tags": ["x", "y"]}]}
    execution = await run([entities("s", call_for("... on Book { tags }", BOOKS))], {"s": client}, data=data)
    assert execution.data["books"][0]["tags"] == ["x", "y"]
    assert [error.path for error in execution.failures.errors] == [("books", 0, "tags")]


async def test_parallel_fetches_are_under_way_together_and_sequences_wait():
    order = []

    def answering(name, wait_for=None, then=None):
        async def answer():
            order.append(f"{name} begins")
            if wait_for is not None:
                await wait_for.wait()
            if then is not None:
                then.set()
            order.append(f"{name} ends")
            return {"data": {}}

        return answer

    second_began = asyncio.Event()
    plan = [asking("a", "{ a }"), asking("b", "{ b }", number=1), asking("c", "{ c }", number=2, after=(0, 1))]
    clients = {
        "a": Client(answering("a", wait_for=second_began)),
        "b": Client(answering("b", then=second_began)),
        "c": Client(answering("c")),
    }
    await run(plan, clients)
    assert order == ["a begins", "b begins", "b ends", "a ends", "c begins", "c ends"]


async def test_conditions_choose_a_branch():
    full, not_full = (frozenset({frozenset({("full", value)})}) for value in (True, False))
    plan = [asking("a", "{ a }", conditions=full), asking("b", "{ b }", number=1, conditions=not_full)]
    for value, expected in ((True, {"a": 1}), (False, {"b": 2})):
        clients = {"a": Client({"data": {"a": 1}}), "b": Client({"data": {"b": 2}})}
        assert (await run(plan, clients, conditions={"full": value})).data == expected
    assert (await run(plan[:1], {}, conditions={"full": False})).data == {}


async def test_only_the_variables_of_the_document_are_sent():
    fetch = asking("s", "query($x: Int, $y: Int) { a(x: $x, y: $y) }", variables=("x", "y"))
    client = Client({"data": {"a": 1}})
    await run([fetch], {"s": client}, variables={"x": 1, "z": 3})
    assert client.requests[0].variables == {"x": 1}


async def test_kind_and_headers_of_the_request():
    client = Client({"data": {"a": 1}})
    headers = SubgraphHeaders({"x": "y"}, {}, HeaderRules())
    await run([asking("s", "mutation { a }", kind="mutation")], {"s": client}, headers=headers)
    (request,) = client.requests
    assert (request.is_mutation, request.headers) == (True, {"x": "y"})


async def test_a_fetch_that_fails_leaves_its_outputs_marked_and_the_rest_goes_on():
    plan = together(asking("a", "{ a { x } }"), asking("b", "{ b }"), asking("nobody", "{ c }"))
    clients = {"a": Client(SubgraphFailed("away", code="AWAY")), "b": Client({"data": {"b": 1}})}
    execution = await run(plan, clients)
    assert execution.data == {"b": 1}
    marked = execution.failures.by_object[id(execution.data)]
    assert [(failure.code, outputs) for failure, outputs in marked] == [
        ("AWAY", {"a": {"x": {}}}),
        ("SUBREQUEST_FAILED", {"c": {}}),
    ]


async def test_after_the_deadline_nobody_is_asked_any_more():
    client = Client()
    execution = await run([asking("s", "{ a }")], {"s": client}, deadline=Deadline.after(-1))
    assert client.requests == []
    assert [failure.code for failure in execution.failures.failures] == ["DEADLINE_EXCEEDED"]


class StandingClock:
    """Time that passes only when a client takes it."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr("trevo.clients.subgraph_client.time", SimpleNamespace(monotonic=lambda: self.now))

    def hanging(self, *clients):
        """Answers of *clients* that let all the time pass that they are given."""

        async def hang(client):
            self.now = client.requests[-1].deadline.at
            raise SubgraphFailed("late", code="SUBREQUEST_TIMEOUT", is_outage=True)

        for client in clients:
            client.answers = [partial(hang, client)] * 10


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [
        (Limits(), 3.5),
        (Limits(subgraph_deadline_share=0.25), 1.75),
        (Limits(subgraph_deadline_share=1), 7),
        (Limits(subgraph_seconds_max=2), 2),
        (Limits(subgraphs={"s": SubgraphLimits(seconds_max=1)}), 1),
        (Limits(subgraphs={"other": SubgraphLimits(seconds_max=1)}), 3.5),
    ],
)
async def test_a_fetch_has_its_share_of_what_is_left_of_the_deadline(monkeypatch, limits, seconds):
    clock, client = StandingClock(monkeypatch), Client({"data": {}})
    await run([asking("s", "{ a }")], {"s": client}, deadline=Deadline(clock.now + 7), limits=limits)
    assert client.requests[0].deadline == Deadline(clock.now + seconds)


async def test_each_that_hangs_leaves_half_of_what_was_left(monkeypatch):
    clock, clients = StandingClock(monkeypatch), {name: Client() for name in "abcd"}
    clock.hanging(clients["a"], clients["b"], clients["c"])
    clients["d"].answers = [{"data": {"x": 1}}]
    plan = in_turn(*(asking(name, "{ x }") for name in "abcd"))
    execution = await run(plan, clients, deadline=Deadline(clock.now + 16))
    assert [client.requests[0].deadline.at for client in clients.values()] == [108, 112, 114, 115]
    assert execution.data == {"x": 1}


@pytest.mark.parametrize("kind", ["query", "mutation"])
async def test_who_let_its_share_pass_is_not_asked_again_by_this_request(monkeypatch, kind):
    clock, hung, fine = StandingClock(monkeypatch), Client(), Client({"data": {"b": 1}})
    clock.hanging(hung)
    plan = in_turn(
        asking("hung", "{ a }", kind=kind), asking("fine", "{ b }", kind=kind), asking("hung", "{ c }", kind=kind)
    )
    execution = await run(plan, {"hung": hung, "fine": fine}, deadline=Deadline(clock.now + 10))
    assert len(hung.requests) == 1
    assert clock.now == 105
    assert execution.data == {"b": 1}
    assert [(failure.code, failure.message) for failure in execution.failures.failures] == [
        ("SUBREQUEST_TIMEOUT", "late"),
        ("DEADLINE_EXCEEDED", "The subgraph 'hung' has used up its share of the time, so it was not asked for this."),
    ]


async def test_a_bug_ends_the_whole_and_cancels_what_is_under_way():
    cancelled = asyncio.Event()

    async def wait():
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    plan = together(asking("a", "{ a }"), asking("b", "{ b }"))
    with pytest.raises(ExceptionGroup):
        await run(plan, {"a": Client(wait), "b": Client(ZeroDivisionError("bug"))})
    assert cancelled.is_set()


async def test_fetches_are_observed_with_their_outcome():
    seen = []
    plan = in_turn(*(asking("s", "{ a }") for _ in range(3)))
    client = Client({"data": {"a": 1}}, {"data": None, "errors": [{"message": "m"}]}, SubgraphFailed("x", code="X"))
    await run(plan, {"s": client}, observe=lambda subgraph, _seconds, outcome: seen.append((subgraph, outcome)))
    assert seen == [("s", "ok"), ("s", "errors"), ("s", "X")]


async def test_an_error_with_many_places_is_noted_at_a_bounded_number_of_them():
    answer = {
        "data": {"_entities": [{"title": None}]},
        "errors": [{"message": "no", "path": ["_entities", 0, "title"]}],
    }
    client = Client(answer)
    fetch = entities("s", call_for("... on Book { title }", BOOKS))
    execution = await run([fetch], {"s": client}, data=books(*["a"] * 50), limits=Limits(errors_max=1))
    assert [error.path for error in execution.failures.errors] == [("books", n, "title") for n in range(20)]
    # Not noted is not forgotten: nothing will be computed from any of them.
    assert all(execution.failures.has_failed(book, "title") for book in execution.data["books"])


async def test_errors_of_a_subgraph_beyond_the_bound_are_counted():
    answer = {"data": {"a": None}, "errors": [{"message": str(n), "path": ["a"]} for n in range(5)]}
    execution = await run([asking("s", "{ a }")], {"s": Client(answer)}, limits=Limits(errors_max=2))
    assert places(execution.failures) == [
        (("a",), "0"),
        (("a",), "1"),
        (None, "3 more errors of this subgraph were left out."),
    ]
