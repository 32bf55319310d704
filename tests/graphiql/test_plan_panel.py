"""The panel that shows how an answer came about, with a real router behind the page, in a real Chromium."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.graphiql.browser import Browser, assert_clean
from tests.graphiql.routed_page import run_router
from tests.router.auth.test_identity import token
from tests.router.small_graph import SmallGraph
from trevo.clients.subgraph_client import SubgraphRequest
from trevo.config.shown_plans import ShownPlans
from trevo.server.respond import respond

TO_ALL = ShownPlans(to_everybody=True)
MINE = "query Mine { me { name reviews { body } } }"
ANSWER = {"data": {"me": {"name": "Ada", "reviews": [{"body": "good"}, {"body": "fine"}]}}}


def test_it_shows_each_request_and_the_tree_and_the_answer_is_as_ever(browser: Browser, built_page: Path) -> None:
    with run_router(built_page, SmallGraph(), TO_ALL, log_url="https://logs.example.org/?q={trace_id}") as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", MINE),
            ("run",),
            ("openPanel", "Plan"),
            ("readAll", ".waterfall-name"),
            ("readAll", ".plan-tree summary"),
            ("unfold", "Fetch reviews"),
            ("readText", ".plan-tree details[open] pre"),
            ("readLink", "log lines"),
            ("readText", ".plan-trace code"),
        )
    _, _, answer, panel, names, leaves, _, operation, link, trace_id = visit.results
    assert json.loads(answer) == ANSWER
    assert "Mine" in panel
    assert "2 requests · cost 11 · interpreted" in panel
    assert "1 object" in panel
    assert names == ["planned", "users #0", "reviews #1"]
    assert leaves == ["Fetch users #0", "Fetch reviews #1 after #0 me"]
    assert "... on User {\n      reviews {\n        body" in operation
    assert link == f"https://logs.example.org/?q={trace_id}"
    assert_clean(visit)


def test_what_is_deferred_is_put_into_the_answer_as_it_comes(browser: Browser, built_page: Path) -> None:
    graph = SmallGraph()
    may_answer = threading.Event()

    async def later(request: SubgraphRequest) -> Any:
        await asyncio.to_thread(may_answer.wait, 20)
        return (await graph.reviews.run(request)).formatted

    graph.reviews.fault = later

    async def go_on(_scope: Any, _receive: Any, send: Any) -> None:
        may_answer.set()
        await respond(send, 204, b"", "text/plain")

    with run_router(built_page, graph, TO_ALL, extra_routes={"/go-on": go_on}) as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", 'query Mine { me { name ... @defer(label: "voices") { reviews { body } } } }'),
            ("beginToRun",),
            ("waitForAnswer", "Ada"),
            ("request", "/go-on"),
            ("waitForAnswer", "fine"),
            ("openPanel", "Plan"),
        )
    first, whole, panel = visit.results[3], visit.results[5], visit.results[6]
    assert json.loads(first)["data"] == {"me": {"name": "Ada"}}
    assert json.loads(whole)["data"] == ANSWER["data"]
    assert "later (voices): Fetch reviews #1" in panel
    assert_clean(visit)


def test_an_error_and_a_failure_stand_at_their_request(browser: Browser, built_page: Path) -> None:
    graph = SmallGraph()
    graph.reviews.fault = lambda _request: {"data": None, "errors": [{"message": "no"}]}
    graph.inventory.fault = lambda _request: "no answer of GraphQL's"
    query = "{ me { reviews { body } } topProducts { inStock } }"
    with run_router(built_page, graph, TO_ALL) as url:
        visit = browser.visit(
            url, ("open",), ("type", query), ("run",), ("openPanel", "Plan"), ("readAll", ".waterfall-said.problem")
        )
    reviews, inventory = sorted(visit.results[-1], key=lambda said: "1 error" not in said)
    assert "1 object · 1 error" in reviews
    assert "2 objects" in inventory
    assert_clean(visit)


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [("graph", "─reviews→"), ("paths", "me"), ("steps", "[1] entities of reviews at me after 0"), ("cost", "11")],
)
def test_a_stage_of_the_operation_in_the_editor_is_a_click_away_and_nothing_is_run(
    browser: Browser, built_page: Path, stage: str, wanted: str
) -> None:
    graph = SmallGraph()
    with run_router(built_page, graph, TO_ALL) as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", MINE),
            ("openPanel", "Plan"),
            ("click", stage),
            ("readWhenItSays", {"selector": f'[aria-label="Stage {stage}"]', "text": wanted}),
        )
    assert wanted in visit.results[-1]
    assert [each.requests for each in graph.subgraphs] == [[], [], [], []]
    assert_clean(visit)


def test_what_is_wrong_with_the_operation_is_said_in_place_of_its_stage(browser: Browser, built_page: Path) -> None:
    with run_router(built_page, SmallGraph(), TO_ALL) as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", "{ nobody }"),
            ("openPanel", "Plan"),
            ("click", "plan"),
            (
                "readWhenItSays",
                {"selector": '[aria-label="Stage plan"]', "text": "Cannot query field 'nobody' on type 'Query'."},
            ),
        )
    assert visit.foreign_requests == []
    # Chromium itself notes the 400 in the console.
    assert [line for line in visit.complaints if "400" not in line] == []


def test_who_may_not_see_plans_is_told_so_and_who_may_sees_them(browser: Browser, built_page: Path) -> None:
    with run_router(built_page, SmallGraph(), ShownPlans(roles=frozenset({"engineer"}))) as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", MINE),
            ("run",),
            ("openPanel", "Plan"),
            ("pasteToken", token(roles="engineer")),
            ("run",),
            ("readPanel",),
        )
    _, _, answer, without, _, same_answer, with_plan = visit.results
    assert json.loads(answer) == json.loads(same_answer) == ANSWER
    assert "No plan came with this answer: you may not see it" in without
    assert "users #0" not in without
    assert "users #0" in with_plan
    assert_clean(visit)


def test_a_router_that_shows_no_plans_says_by_which_setting_it_would(browser: Browser, built_page: Path) -> None:
    with run_router(built_page, SmallGraph(), ShownPlans()) as url:
        visit = browser.visit(url, ("open",), ("type", MINE), ("run",), ("openPanel", "Plan"))
    assert "This router shows plans to nobody: the setting shown_plans says who may see them." in visit.results[-1]
    assert "projection" not in visit.results[-1]
    assert_clean(visit)


def test_on_a_phone_everything_is_in_reach(browser: Browser, built_page: Path) -> None:
    with run_router(built_page, SmallGraph(), TO_ALL) as url:
        visit = browser.visit(
            url,
            ("open",),
            ("type", MINE),
            ("run",),
            ("isInView", ".graphiql-response"),
            ("openPanel", "Plan"),
            ("isInView", ".graphiql-plugin"),
            ("measure", ".session-bar, .graphiql-sidebar, .graphiql-plugin, .graphiql-editors, .graphiql-response"),
            ("measureScroll",),
            width=390,
        )
    _, _, answer, sees_answer, _, sees_panel, boxes, scroll = visit.results
    assert json.loads(answer) == ANSWER
    assert (sees_answer, sees_panel) == (True, True)
    assert scroll == 390
    for left, right in boxes:
        assert left >= 0
        assert right <= 390
        assert right - left >= 340
    assert_clean(visit)
