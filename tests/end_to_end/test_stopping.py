"""Told to stop, the product leaves nothing behind: no server, no note of where it listens."""

import signal
from pathlib import Path

import pytest

from tests.fixtures.product import Product


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_everything_stops_in_order(number: signal.Signals, tmp_path: Path) -> None:
    product = Product(tmp_path)
    await product.start()
    assert await product.stop(number) == 0
    assert not (tmp_path / "running.json").exists()
    assert not (tmp_path / "postgres" / "data" / "postmaster.pid").exists()
