"""When GraphiQL is built, and that a build beside the server leaves nothing behind."""

import asyncio
import os
from pathlib import Path

import pytest

from builds import graphiql
from builds.node import Node, find_node


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sources and a built page in a folder of this test's own."""
    (tmp_path / "sources" / "node_modules").mkdir(parents=True)
    (tmp_path / "sources" / "main.jsx").write_text("one")
    monkeypatch.setattr(graphiql, "SOURCES", tmp_path / "sources")
    built = tmp_path / "built"
    for name, path in {"BUILT": built, "PAGE": built / "page", "STAMP": built / "built-from"}.items():
        monkeypatch.setattr(graphiql, name, path)
    monkeypatch.setattr(graphiql, "PROGRESS", built / "progress.txt")
    monkeypatch.setattr(graphiql, "LOG", built / "build.log")
    (built / "page").mkdir(parents=True)
    (built / "page" / "index.html").write_text("old page")
    (built / "built-from").write_text(graphiql.fingerprint())
    return tmp_path


def test_an_unchanged_page_is_current_whatever_npm_installed(workplace: Path) -> None:
    (workplace / "sources" / "node_modules" / "react.js").write_text("installed")
    assert graphiql.is_current()


@pytest.mark.parametrize("name", ["main.jsx", "package-lock.json", "src/new.jsx"])
def test_a_changed_or_new_source_makes_the_page_stale(workplace: Path, name: str) -> None:
    path = workplace / "sources" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("two")
    assert not graphiql.is_current()


def test_a_page_without_its_index_is_not_current(workplace: Path) -> None:
    (workplace / "built" / "page" / "index.html").unlink()
    assert not graphiql.is_current()


async def test_nothing_is_started_while_the_page_is_current(workplace: Path) -> None:
    said: list[str] = []
    await graphiql.build_in_background(said.append)
    assert said == []
    assert not (workplace / "built" / "build.log").exists()


def test_a_failed_build_says_why_and_keeps_the_old_page(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "sources" / "main.jsx").write_text("two")
    bundler = workplace / "sources" / "node_modules" / "vite" / "bin" / "vite.js"
    bundler.parent.mkdir(parents=True)
    bundler.write_text("console.error('main.jsx:1 does not parse'); process.exit(1)")
    monkeypatch.setattr(graphiql, "install_packages", lambda *_: None)
    with pytest.raises(graphiql.NodeFailed, match=r"main\.jsx:1 does not parse"):
        graphiql.build()
    assert (workplace / "built" / "page" / "index.html").read_text() == "old page"
    assert "main.jsx:1 does not parse" in graphiql.PROGRESS.read_text()
    assert not graphiql.is_current()


def test_a_build_replaces_the_page_as_a_whole(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "sources" / "main.jsx").write_text("two")
    bundler = workplace / "sources" / "node_modules" / "vite" / "bin" / "vite.js"
    bundler.parent.mkdir(parents=True)
    bundler.write_text(
        "const { mkdirSync, writeFileSync } = require('node:fs');"
        "const out = process.argv[process.argv.indexOf('--outDir') + 1];"
        "mkdirSync(out); writeFileSync(out + '/index.html', 'new page');"
    )
    (workplace / "built" / "page" / "gone.js").write_text("of the old page")
    monkeypatch.setattr(graphiql, "install_packages", lambda *_: None)
    graphiql.build()
    assert [path.name for path in graphiql.PAGE.iterdir()] == ["index.html"]
    assert (graphiql.PAGE / "index.html").read_text() == "new page"
    assert graphiql.is_current()


async def test_cancelling_ends_the_build_and_its_children(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workplace / "sources" / "main.jsx").write_text("two")
    fifo = workplace / "child-is-running"
    await asyncio.to_thread(os.mkfifo, fifo)
    # Stands for Python: starts a child that holds the pipe open, as npm and the bundler are children of ours.
    script = workplace / "python"
    script.write_text(f"#!/bin/sh\nsh -c 'exec 3>{fifo}; echo started >&3; sleep 600' &\nwait\n")
    script.chmod(0o755)
    monkeypatch.setattr(graphiql.sys, "executable", str(script))
    task = graphiql.build_in_background()
    pipe = await asyncio.to_thread(fifo.open)
    with pipe:
        assert await asyncio.to_thread(pipe.readline) == "started\n"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The pipe ends when the last process that holds it is gone.
        assert await asyncio.wait_for(asyncio.to_thread(pipe.read), 30) == ""


def test_node_passes_input_on_and_tells_both_outputs_apart(tmp_path: Path) -> None:
    node: Node = find_node()
    (tmp_path / "echo.mjs").write_text(
        "import { text } from 'node:stream/consumers';"
        "console.log((await text(process.stdin)).toUpperCase()); console.error('aside'); process.exitCode = 3;"
    )
    done = node.run("echo.mjs", folder=tmp_path, stdin="soja")
    assert (done.exit_code, done.printed, done.complained) == (3, "SOJA\n", "aside\n")
