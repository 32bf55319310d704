"""The page built from today's sources, a browser, and a server with the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from builds import graphiql
from builds.node import NodeFailed
from tests.graphiql.browser import Browser, find_browser
from tests.graphiql.page_server import Server, run_server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return find_browser(tmp_path_factory.mktemp("screenshots"))


@pytest.fixture(scope="session")
def built_page(browser: Browser) -> Path:
    """GraphiQL, built from today's sources; the browser fixture has already seen to Node."""
    try:
        graphiql.build()
    except NodeFailed as failure:
        pytest.fail(str(failure))
    return graphiql.PAGE


@pytest.fixture
def operations(tmp_path: Path) -> Path:
    """Three ready operations, one with variables, one in a group, one that does not parse."""
    folder = tmp_path / "operations"
    (folder / "back_office").mkdir(parents=True)
    (folder / "OfferingDetail.graphql").write_text(
        "# One offering, as its\n# page shows it.\nquery OfferingDetail($id: ID!) {\n  offering(id: $id) {\n"
        "    id\n    crop\n  }\n}\n"
    )
    (folder / "OfferingDetail.json").write_text('{\n  "id": "o1"\n}\n')
    (folder / "WhoAmI.graphql").write_text("query WhoAmI {\n  signedInAs\n}\n")
    (folder / "back_office" / "Broken.graphql").write_text("query Broken {\n  signedInAs(\n}\n")
    return folder


@pytest.fixture
def server(built_page: Path, operations: Path) -> Iterator[Server]:
    with run_server(built_page, operations) as running:
        yield running
