"""
Visits to a GraphiQL page in a real Chromium, for any server: `Browser.visit(url, steps)`.

The steps are those of `drive.mjs`, by name; what they saw comes back in their order. Whoever has a running product
uses the same few lines as the tests beside this file.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from builds.node import Node, NodeFailed, find_node, install_packages

HERE = Path(__file__).resolve().parent
STEP_SECONDS_MAX = 30

Step = tuple[str] | tuple[str, str] | tuple[str, dict[str, str]]
"""A step of `drive.mjs` and its argument."""


@dataclass(frozen=True)
class Visit:
    """What one visit saw."""

    url: str
    results: list[Any]
    requests: list[str]
    complaints: list[str]
    """Errors and warnings of the console, and exceptions that nobody caught."""

    @property
    def foreign_requests(self) -> list[str]:
        """The requests that left the page's own origin."""
        own = urlsplit(self.url)
        urls = [urlsplit(request) for request in self.requests]
        outside = [url for url in urls if url.scheme not in {"data", "blob"} and url[:2] != own[:2]]
        return [url.geturl() for url in outside]


@dataclass(frozen=True)
class Browser:
    """A Chromium and the Node that drives it."""

    node: Node
    chromium: str
    screenshots: Path

    def visit(self, url: str, *steps: Step, color_scheme: str = "light", width: int = 1400) -> Visit:
        """Carry out *steps* on the page at *url* in a fresh profile. A step that cannot be done fails the test."""
        failure = self.screenshots / "failure.png"
        order = {
            "url": url,
            "steps": steps,
            "chromium": self.chromium,
            "timeoutMs": STEP_SECONDS_MAX * 1000,
            "colorScheme": color_scheme,
            "width": width,
            "failureScreenshot": str(failure),
        }
        done = self.node.run("drive.mjs", folder=HERE, stdin=json.dumps(order))
        if done.exit_code:
            pytest.fail(f"the browser could not be driven:\n{done.everything}")
        seen = json.loads(done.printed)
        if "failed" in seen:
            complaints = "\n".join(seen["complaints"])
            pytest.fail(f"{seen['failed']}\n{complaints}\nscreenshot: {failure}")
        return Visit(url, seen["results"], seen["requests"], seen["complaints"])


def assert_clean(visit: Visit) -> None:
    """Nothing was asked of another origin, and the console stayed empty (so no policy was broken either)."""
    assert visit.foreign_requests == []
    assert visit.complaints == []


def run_example(browser: Browser, base: str, *, person: str, example: str, screenshot: Path | None = None) -> Any:
    """
    What a newcomer does with a running product at *base*: sign in as *person* (the label in the menu), open the ready
    operation *example*, run it. Gives the answer; the visit itself must have been clean.
    """
    steps: list[Step] = [("open",), ("signInAs", person), ("openExample", example), ("run",)]
    if screenshot:
        steps.append(("screenshot", str(screenshot)))
    visit = browser.visit(f"{base}/graphiql", *steps)
    assert visit.results[1] == f"Signed in as {person}"
    assert_clean(visit)
    return json.loads(visit.results[3])


def find_browser(screenshots: Path) -> Browser:
    """The browser of this machine; without one the test is skipped, or fails where REQUIRE_BROWSER=1 is set."""
    chromium = find_chromium()
    try:
        node = find_node()
        install_packages(node, HERE)
    except NodeFailed as failure:
        _do_without(str(failure))
    return Browser(node, chromium, screenshots)


def find_chromium() -> str:
    """The path of this machine's; without one as `find_browser`."""
    found = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if found is None:
        _do_without("there is no Chromium (apt-get install chromium)")
    return str(found)


def _do_without(reason: str) -> None:
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(f"BROWSER TESTS NOT RUN: {reason}")
