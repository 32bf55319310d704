"""GraphiQL as a developer meets it, in a real Chromium over real HTTP."""

import json
import shutil
import time
from pathlib import Path

import jwt
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.graphiql.browser import Browser, assert_clean, run_example
from tests.graphiql.page_server import MARINA, Server, run_server

WHO_AM_I = "query WhoAmI { signedInAs }"


def test_a_typed_query_is_answered(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", '{ offering(id: "o1") { crop } missing: offering(id: "o2") { id } }'),
        ("run",),
    )
    assert json.loads(visit.results[-1]) == {"data": {"offering": {"crop": "soy"}, "missing": None}}
    assert_clean(visit)


def test_examples_are_listed_and_open_with_their_variables(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("listExamples",),
        ("readText", ".examples p"),
        ("openExample", "OfferingDetail"),
        ("run",),
        ("openExample", "WhoAmI"),
        ("listTabs",),
        ("openExample", "OfferingDetail"),
        ("listTabs",),
    )
    _, listed, hint, opened, answer, other, tabs, again, tabs_again = visit.results
    assert listed == ["OfferingDetail", "WhoAmI", "Broken"]
    assert hint == "Marina has an offering."
    assert opened["query"].startswith("# One offering")
    assert json.loads(opened["variables"]) == {"id": "o1"}
    assert json.loads(answer) == {"data": {"offering": {"id": "o1", "crop": "soy"}}}
    # The first example takes the empty tab, the second a tab of its own, and the first is found again.
    assert other == {"query": "query WhoAmI {\n  signedInAs\n}\n", "variables": ""}
    assert tabs == ["OfferingDetail", "WhoAmI"]
    assert again == opened
    assert tabs_again == tabs
    assert_clean(visit)


def test_a_pasted_token_is_sent_with_every_request(browser: Browser, server: Server) -> None:
    token = jwt.encode({"sub": "marina", "exp": int(time.time()) + 600}, "k" * 32, algorithm="HS256")
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("pasteToken", f"  Authorization: Bearer {token} "),
        ("type", WHO_AM_I),
        ("run",),
        ("storedOutsideTheTab",),
        ("reload",),
        ("run",),
        ("signOut",),
        ("run",),
    )
    _, bar, _, answer, stored, _, after_reload, _, after_removal = visit.results
    assert "Using a pasted access token" in bar
    assert "ends in 9:" in bar
    assert json.loads(answer) == {"data": {"signedInAs": token}}
    assert token not in stored
    assert json.loads(after_reload) == {"data": {"signedInAs": token}}
    assert json.loads(after_removal) == {"data": {"signedInAs": None}}
    assert_clean(visit)


def test_a_demo_person_signs_in_and_runs_an_example(browser: Browser, server: Server) -> None:
    answer = run_example(browser, server.url, person=MARINA.label, example="WhoAmI")
    assert answer == {"data": {"signedInAs": "marina-1"}}
    # The token endpoint is at another origin: the page asks its own server, which passes the request on.
    assert server.token_requests == [
        {"grant_type": "password", "username": "marina@example.com", "password": "Semente#2026"}
    ]


def test_a_token_is_kept_for_this_tab_only(browser: Browser, server: Server) -> None:
    visit = browser.visit(server.graphiql, ("open",), ("signInAs", MARINA.label), ("storedOutsideTheTab",))
    assert "marina-1" not in visit.results[2]
    assert "marina-refresh-1" not in visit.results[2]


def test_a_session_renews_itself_with_each_refresh_token_once(browser: Browser, server: Server) -> None:
    server.token_seconds = 10  # shorter than the page's margin: each request needs a new token
    visit = browser.visit(
        server.graphiql, ("open",), ("signInAs", MARINA.label), ("type", WHO_AM_I), ("run",), ("run",)
    )
    assert json.loads(visit.results[3]) == {"data": {"signedInAs": "marina-2"}}
    assert json.loads(visit.results[4]) == {"data": {"signedInAs": "marina-3"}}
    assert [request.get("refresh_token") for request in server.token_requests] == [
        None,
        "marina-refresh-1",
        "marina-refresh-2",
    ]
    assert_clean(visit)


def test_a_refused_sign_in_says_why(browser: Browser, server: Server) -> None:
    visit = browser.visit(server.graphiql, ("open",), ("signInAs", "Nobody"))
    assert visit.results[1] == "Signing in as Nobody failed: E-mail or password is wrong."
    assert visit.foreign_requests == []
    # Chromium itself notes the 400 in the console.
    assert len(visit.complaints) == 1
    assert "400" in visit.complaints[0]


def test_a_subscription_shows_each_result(browser: Browser, server: Server) -> None:
    visit = browser.visit(
        server.graphiql,
        ("open",),
        ("type", "subscription { unreadCount }"),
        ("run",),
        ("waitForAnswer", '"unreadCount": 2'),
    )
    assert json.loads(visit.results[-1]) == {"data": {"unreadCount": 2}}
    assert_clean(visit)


@pytest.mark.parametrize("panel", ["Documentation Explorer", "History", "GraphiQL Explorer"])
def test_each_panel_opens(browser: Browser, server: Server, panel: str) -> None:
    visit = browser.visit(server.graphiql, ("open",), ("openPanel", panel))
    assert {
        "Documentation Explorer": "Root Types",
        "History": "History",
        "GraphiQL Explorer": "offering",
    }[panel] in visit.results[1]
    assert_clean(visit)


def test_a_dialog_opens_without_breaking_the_content_security_policy(browser: Browser, server: Server) -> None:
    visit = browser.visit(server.graphiql, ("open",), ("openSettings",), color_scheme="dark")
    assert "Theme" in visit.results[1]
    assert_clean(visit)


def test_until_the_page_is_built_it_says_so_and_then_loads_itself(
    browser: Browser, built_page: Path, operations: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "graphiql" / "page"
    folder.parent.mkdir()
    (folder.parent / "progress.txt").write_text("installing the packages of graphiql …\n")

    async def finish(_request: Request) -> Response:
        shutil.copytree(built_page, tmp_path / "copied")
        (tmp_path / "copied").rename(folder)
        return Response(status_code=204)

    with run_server(folder, operations, Route("/finish-the-build", finish)) as server:
        visit = browser.visit(
            server.graphiql, ("visit",), ("request", "/finish-the-build"), ("ready",), ("type", WHO_AM_I), ("run",)
        )
    assert "GraphiQL is not built yet" in visit.results[0]
    assert "installing the packages of graphiql …" in visit.results[0]
    assert visit.results[1] == 204
    assert json.loads(visit.results[4]) == {"data": {"signedInAs": None}}
    assert visit.foreign_requests == []
    # The 503 of the stand-in page is noted by Chromium's console.
    assert [line for line in visit.complaints if "503" not in line] == []
