"""What the routes of the page answer, whatever the built page holds."""

import contextlib
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graphiql.page_server import ask, run_server, serve
from trevo.config.graphiql_settings import DemoPerson, GraphiQLSettings
from trevo.server.console.graphiql import graphiql_app

SCRIPT = b"console.log('seed');\n" * 50


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page of two files."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<meta name="style-nonce" content="STYLE_NONCE">')
    (folder / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (tmp_path / "secret.js").write_text("not for anybody")
    (folder / "assets" / "link.js").symlink_to(tmp_path / "secret.js")
    return folder


@contextlib.contextmanager
def serve_page(settings: GraphiQLSettings) -> Iterator[str]:
    with serve(graphiql_app(settings)) as url:
        yield url


@pytest.fixture
def url(page: Path, operations: Path) -> Iterator[str]:
    settings = GraphiQLSettings(folder=page, title="Seeds & <more>", operations=operations, endpoint="/graphql")
    with serve_page(settings) as url:
        yield url


def test_the_page_may_only_reach_its_own_origin(url: str) -> None:
    answer = ask(url, "/graphiql")
    nonce = re.search('content="([^"]+)"', answer.text)
    assert nonce is not None
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        f"style-src 'self' 'nonce-{nonce[1]}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert ask(url, "/graphiql").text != answer.text


def test_a_trailing_slash_leads_to_the_page(url: str) -> None:
    answer = ask(url, "/graphiql/")
    assert (answer.status, answer.headers["location"]) == (308, "/graphiql")


def test_an_asset_comes_compressed_and_may_be_kept_for_ever(url: str) -> None:
    answer = ask(url, "/graphiql/assets/index-1a2b.js", headers={"accept-encoding": "gzip, deflate"})
    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "accept-encoding"


def test_a_reader_without_compression_gets_the_asset_as_it_is(url: str) -> None:
    answer = ask(url, "/graphiql/assets/index-1a2b.js", headers={"accept-encoding": "identity"})
    assert answer.content == SCRIPT
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "../index.html",
        "..%2findex.html",
        "%2e%2e/%2e%2e/secret.js",
        "..%2f..%2fsecret.js",
        "..\\..\\secret.js",
        "/etc/hostname",
        "%2fetc%2fhostname",
        "link.js",
        "index-1a2b.js.gz",
        "index-1a2b.js%00",
        "",
    ],
)
def test_nothing_but_the_built_assets_is_served(url: str, name: str) -> None:
    answer = ask(url, f"/graphiql/assets/{name}")
    assert answer.status == 404
    assert "secret" not in answer.text
    assert "not for anybody" not in answer.text


def test_a_page_built_anew_is_served_without_a_restart(url: str, page: Path) -> None:
    assert ask(url, "/graphiql/assets/index-3c4d.js").status == 404
    (page / "assets" / "index-3c4d.js").write_text("new")
    (page / "index.html").unlink()
    (page / "index.html").write_text("<p>new</p>")
    assert ask(url, "/graphiql").text == "<p>new</p>"
    assert ask(url, "/graphiql/assets/index-3c4d.js").text == "new"


def test_until_it_is_built_the_page_shows_how_far_it_is(tmp_path: Path) -> None:
    (tmp_path / "progress.txt").write_text("bundling <GraphiQL> …\n")
    settings = GraphiQLSettings(folder=tmp_path / "nothing", title="Seeds & <more>", progress=tmp_path / "progress.txt")
    with serve_page(settings) as url:
        answer = ask(url, "/graphiql")
    assert answer.status == 503
    assert '<meta http-equiv="refresh" content="2">' in answer.text
    assert "bundling &lt;GraphiQL&gt; …" in answer.text
    assert "<title>Seeds &amp; &lt;more&gt;</title>" in answer.text


def test_examples_carry_name_group_description_and_variables(url: str) -> None:
    examples = ask(url, "/graphiql/examples.json").json()["examples"]
    assert [(example["path"], example["group"], example["name"], example["kind"]) for example in examples] == [
        ("OfferingDetail.graphql", "", "OfferingDetail", "query"),
        ("WhoAmI.graphql", "", "WhoAmI", "query"),
        ("back_office/Broken.graphql", "Back office", "Broken", "query"),
    ]
    assert examples[0]["description"] == "One offering, as its page shows it."
    assert examples[0]["variables"] == '{\n  "id": "o1"\n}'
    assert [example["problem"] for example in examples] == [
        None,
        None,
        "Broken.graphql, line 3: Syntax Error: Expected Name, found '}'.",
    ]


@pytest.mark.parametrize(
    ("query", "variables", "problem"),
    [
        ("fragment F on User { id }", None, "Odd.graphql holds no operation."),
        ("{ id }", "[1]", "Odd.json must hold a JSON object."),
        ("{ id }", "{", "Odd.json is not JSON: "),
        ("# " + "x" * 100_000, None, "Odd.graphql is larger than 100,000 bytes."),
    ],
)
def test_an_example_that_cannot_be_used_says_why(
    url: str, operations: Path, query: str, variables: str | None, problem: str
) -> None:
    (operations / "Odd.graphql").write_text(query)
    if variables is not None:
        (operations / "Odd.json").write_text(variables)
    examples = ask(url, "/graphiql/examples.json").json()["examples"]
    found = next(example for example in examples if example["path"] == "Odd.graphql")
    assert found["problem"].startswith(problem)


def test_an_example_is_called_after_its_operation(url: str, operations: Path) -> None:
    (operations / "invest.graphql").write_text("mutation Invest { invest }")
    (operations / "unnamed.graphql").write_text("{ offerings }")
    examples = ask(url, "/graphiql/examples.json").json()["examples"]
    kinds = {example["path"]: (example["name"], example["kind"]) for example in examples}
    assert kinds["invest.graphql"] == ("Invest", "mutation")
    assert kinds["unnamed.graphql"] == ("unnamed", "query")


def test_people_are_told_to_the_page_only_with_a_token_endpoint(page: Path) -> None:
    marina = DemoPerson(label="Marina", username="marina@example.com", password="Semente#2026")
    without = GraphiQLSettings(folder=page, people=(marina,))
    with serve_page(without) as url:
        config = ask(url, "/graphiql/config.json").json()
    assert config == {
        "title": "GraphiQL",
        "endpoint": "/graphql",
        "tokenUrl": None,
        "people": [],
        "hint": None,
        "showsPlans": False,
        "logUrl": None,
    }

    here = GraphiQLSettings(folder=page, people=(marina,), token_url="/oauth/token")
    with serve_page(here) as url:
        config = ask(url, "/graphiql/config.json").json()
    assert config["tokenUrl"] == "/oauth/token"
    assert config["people"] == [{"label": "Marina", "username": "marina@example.com", "password": "Semente#2026"}]


def test_a_token_request_is_passed_on_with_its_answer(page: Path, operations: Path) -> None:
    with run_server(page, operations) as server:
        url = server.url
        assert ask(url, "/graphiql/config.json").json()["tokenUrl"] == "/graphiql/token"
        grant = {"grant_type": "password", "username": "marina@example.com", "password": "Semente#2026"}
        answer = ask(url, "/graphiql/token", form=grant)
        assert (answer.status, answer.json()["access_token"]) == (200, "marina-1")
        refusal = ask(url, "/graphiql/token", form=grant | {"password": "wrong & +%"})
        assert (refusal.status, refusal.json()["error"]) == (400, "invalid_grant")
        assert server.token_requests == [grant, grant | {"password": "wrong & +%"}]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
        ({"grant_type": "password", "password": "x" * 9_000}, 413, "invalid_request"),
        ({"grant_type": "password"}, 502, "temporarily_unavailable"),
    ],
)
def test_a_token_request_that_cannot_be_passed_on_is_refused(
    page: Path, form: dict[str, str], status: int, error: str
) -> None:
    settings = GraphiQLSettings(folder=page, token_url="http://127.0.0.1:1/oauth/token")  # nobody listens there
    with serve_page(settings) as url:
        answer = ask(url, "/graphiql/token", form=form)
    assert (answer.status, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"] != ""
