"""
Asks accounts over HTTP whether a token is still good (RFC 7662, token introspection).

Asked only where facts are late and money would leave, so a connection of its own each time costs less than one kept.
"""

import aiohttp

from subgraphs.shared.identity import Identity
from subgraphs.shared.standing.standing import ASKING_SECONDS_MAX, AskAccounts


def introspect_at(url: str) -> AskAccounts:
    """Ask the introspection endpoint at *url*."""

    async def ask(identity: Identity) -> bool:
        timeout = aiohttp.ClientTimeout(total=ASKING_SECONDS_MAX)
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.post(url, data={"token": identity.token or ""}, allow_redirects=False) as response,
        ):
            response.raise_for_status()
            answer = await response.json()
            return answer["active"] is True

    return ask
