"""Clients of subgraphs as one request sees them where extensions look at fetches."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing

from trevo.clients.subgraph_client import SubgraphClient, SubgraphRequest, SubgraphResponse
from trevo.extensions.extensions import Extensions
from trevo.extensions.told import ClientRequest


class ToldClients(Mapping[str, SubgraphClient]):
    """*clients*, of whose requests the *extensions* are told."""

    def __init__(self, clients: Mapping[str, SubgraphClient], extensions: Extensions, request: ClientRequest) -> None:
        self._clients = clients
        self._extensions = extensions
        self._request = request

    def __getitem__(self, name: str) -> SubgraphClient:
        return _ToldClient(name, self._clients[name], self._extensions, self._request)

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def __len__(self) -> int:
        return len(self._clients)


class _ToldClient:
    def __init__(self, name: str, client: SubgraphClient, extensions: Extensions, request: ClientRequest) -> None:
        self._name = name
        self._client = client
        self._extensions = extensions
        self._request = request

    async def send(self, request: SubgraphRequest) -> SubgraphResponse:
        return await self._client.send(await self._extensions.on_fetch(self._request, self._name, request))

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        asked = await self._extensions.on_fetch(self._request, self._name, request)
        async with aclosing(self._client.subscribe(asked)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        await self._client.close()
