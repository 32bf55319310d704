"""A product with the story told to it, and some offerings open: data to measure on, and the memory that it took."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.screens.process_stats import descendants, resident_megabytes
from launch.home import ROOT, Home
from story import credit
from story.client import Client
from story.narrator import Narrator
from story.people import Person
from story.screens import person_of, variables_of
from story.telling import Told, tell
from trevo.gateway.request import GraphQLRequest
from trevo.gateway.router import Router

OPEN_OFFERINGS = 3

SIGN_IN = """mutation SignIn($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { accessToken } } }"""


@dataclass(frozen=True)
class Seeded:
    told: Told
    megabytes: float
    server_megabytes: float

    async def request(self, path: Path, router: Router) -> GraphQLRequest:
        """The screen of *path* as its person asks for it, with a fresh token."""
        person, variables = person_of(self.told, path.stem), variables_of(self.told, path.stem)
        headers = {"authorization": f"Bearer {await self._token(person, router)}"}
        return GraphQLRequest(query=path.read_text(), variables=variables, headers=headers)

    async def _token(self, person: Person, router: Router) -> str:
        credentials = {"input": {"email": person.email, "password": person.password}}
        result = await router.execute(GraphQLRequest(query=SIGN_IN, variables=credentials))
        token: str = result.body["data"]["signIn"]["accessToken"]
        return token


async def seed(home: Home) -> Seeded:
    """Start a product over *home*, tell it the story, look at its memory, and stop it."""
    environment = {**os.environ, "PEERSEED_HOME": str(home.folder), "GRAPHIQL_BUILD": "never"}
    environment.pop("RABBITMQ_URL", None)
    environment.pop("DATABASE_URL", None)
    environment["PORT"] = str(_free_port())
    product = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "launch.in_process", cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        while not (addresses := home.addresses()):
            if product.returncode is not None:
                raise SystemExit("the product did not start")
            await asyncio.sleep(0.1)
        client = Client(addresses)
        told = await tell(client, Narrator())
        for _ in range(OPEN_OFFERINGS):
            await _open_offering(client, told)
        await client.close()
        postmaster = int((home.postgres / "data" / "postmaster.pid").read_text().split()[0])
        server = sum(resident_megabytes(pid) for pid in [postmaster, *descendants(postmaster)])
        return Seeded(told, resident_megabytes(product.pid), server)
    finally:
        product.send_signal(signal.SIGINT)
        await product.wait()


async def _open_offering(client: Client, told: Told) -> None:
    """The story ends with everything sold; a market has something to sell."""
    narrator = Narrator()
    narrator.chapter("Another offering")
    request_id = await credit.ask_for_credit(client, narrator, told.farmer)
    await credit.approve(client, narrator, told.analyst, request_id)
    await credit.sign_and_register(client, narrator, told.farmer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
