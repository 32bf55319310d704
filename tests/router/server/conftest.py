"""One server for all that only ask it something."""

import pytest

from tests.router.server.http_client import serving


@pytest.fixture(scope="module")
async def http():
    async with serving() as session:
        yield session
