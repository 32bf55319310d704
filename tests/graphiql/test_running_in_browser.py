"""What becomes of an operation while people sign in, streams end and links are shared, in a real Chromium."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.graphiql.browser import Browser, assert_clean
from tests.graphiql.page_server import MARINA, SERGIO, Server, run_server

WHO_AM_I = "query WhoAmI { signedInAs }"


@contextmanager
def whose_sign_in_waits(built_page: Any, operations: Any) -> Iterator[Server]:
    """A server that lets nobody in before it is asked for `/let-them-in`."""

    def let_in(_request: Request) -> Response:
        server.may_sign_in.set()
        return Response(status_code=204)

    with run_server(built_page, operations, Route("/let-them-in", let_in)) as server:
        server.may_sign_in.clear()
        yield server


def test_what_is_run_while_somebody_signs_in_waits_for_it(browser: Browser, built_page, operations) -> None:
    with whose_sign_in_waits(built_page, operations) as server:
        visit = browser.visit(
            server.graphiql,
            ("open",),
            ("type", WHO_AM_I),
            ("beginToSignInAs", MARINA.label),
            ("beginToRun",),
            ("request", "/let-them-in"),
            ("waitForAnswer", "signedInAs"),
        )
    assert json.loads(visit.results[-1]) == {"data": {"signedInAs": "marina-1"}}
    assert_clean(visit)


def test_where_signing_in_fails_nothing_is_run_as_nobody(browser: Browser, built_page, operations) -> None:
    with whose_sign_in_waits(built_page, operations) as server:
        visit = browser.visit(
            server.graphiql,
            ("open",),
            ("type", WHO_AM_I),
            ("beginToSignInAs", "Nobody"),
            ("beginToRun",),
            ("request", "/let-them-in"),
            ("waitForAnswer", "Nothing was sent, because signing in failed. (E-mail or password is wrong.)"),
        )
    assert [request for request in visit.requests if request.endswith("/graphql")] == [
        f"{server.url}/graphql"
    ]  # its schema


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Complete", "Complete: Ended by the server, after 2 results."),
        ("Refused", "Refused: Ended by the server: The graph has changed; subscribe again, after 3 results."),
        ("Lost", "Lost: The connection was lost, after 2 results."),
    ],
)
def test_a_stream_that_has_ended_says_why(browser: Browser, server: Server, name: str, said: str) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", f"subscription {name} {{ unreadCount }}"),
        ("run",),
        ("readWhenItSays", {"selector": ".ending", "text": "after"}),
    )
    assert visit.results[-1] == said
    assert_clean(visit)


def test_a_stream_is_stopped_at_once_and_its_last_result_stays(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", "subscription Endless { unreadCount }"),
        ("run",),
        ("waitForAnswer", '"unreadCount": 2'),
        ("stop",),
        ("readWhenItSays", {"selector": ".ending", "text": "Stopped"}),
        ("waitForAnswer", ""),
    )
    assert visit.results[-2] == "Endless: Stopped, after 2 results."
    assert json.loads(visit.results[-1]) == {"data": {"unreadCount": 2}}
    assert_clean(visit)


def test_a_link_opens_its_operation_with_its_variables(browser: Browser, server: Server) -> None:
    query = "query One($id: ID!) { offering(id: $id) { crop } }"
    link = urlencode({"query": query, "variables": '{"id": "o1"}', "operationName": "One"})
    visit = browser.visit(f"{server.graphiql}?{link}", ("open",), ("listTabs",), ("run",))
    assert visit.results[1] == ["One"]
    assert json.loads(visit.results[2]) == {"data": {"offering": {"crop": "soy"}}}
    assert_clean(visit)


@pytest.mark.parametrize(("name", "answer"), [("First", {"offering": {"id": "o1"}}), ("Second", {"signedInAs": None})])
def test_a_link_says_which_of_several_operations_is_run(browser: Browser, server: Server, name: str, answer) -> None:
    both = 'query First { offering(id: "o1") { id } }\nquery Second { signedInAs }\n'
    link = urlencode({"query": both, "operationName": name})
    visit = browser.visit(f"{server.graphiql}?{link}", ("open",), ("runByKey",))
    assert json.loads(visit.results[1]) == {"data": answer}
    assert_clean(visit)


def test_a_link_to_what_the_editor_holds_is_put_into_the_address(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("openExample", "OfferingDetail"),
        ("click", "Copy a link to this operation"),
        ("forgetTabs",),
        ("reload",),
        ("run",),
    )
    assert json.loads(visit.results[-1]) == {"data": {"offering": {"id": "o1", "crop": "soy"}}}
    assert_clean(visit)


def test_a_link_opens_beside_what_one_had_open(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", WHO_AM_I),
        ("waitUntilStored", "WhoAmI"),
        ("goTo", f"/graphiql?{urlencode({'query': 'query Other { signedInAs }'})}"),
        ("listTabs",),
    )
    assert visit.results[-1] == ["WhoAmI", "Other"]


def test_examples_go_on_to_open_and_run_when_somebody_else_signs_in(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("signInAs", MARINA.label),
        ("openExample", "WhoAmI"),
        ("run",),
        ("signOut",),
        ("run",),
        ("signInAs", SERGIO.label),
        ("run",),
        ("openExample", "OfferingDetail"),
        ("run",),
        ("openExample", "WhoAmI"),
        ("run",),
    )
    answers = [json.loads(visit.results[index])["data"] for index in (3, 5, 7, 9, 11)]
    assert answers == [
        {"signedInAs": "marina-1"},
        {"signedInAs": None},
        {"signedInAs": "sergio-2"},
        {"offering": {"id": "o1", "crop": "soy"}},
        {"signedInAs": "sergio-2"},
    ]
    assert_clean(visit)


def test_a_stream_goes_on_when_somebody_signs_in_and_ends_with_another_example(
    browser: Browser, server: Server
) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", "subscription Endless { unreadCount }"),
        ("run",),
        ("waitForAnswer", '"unreadCount": 2'),
        ("signInAs", MARINA.label),
        ("readAll", ".ending"),
        ("openExample", "WhoAmI"),
        ("readWhenItSays", {"selector": ".ending", "text": "Stopped"}),
        ("run",),
    )
    assert visit.results[5] == []
    assert json.loads(visit.results[-1]) == {"data": {"signedInAs": "marina-1"}}
    assert_clean(visit)
