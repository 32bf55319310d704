"""What each setting of contracts changes, with values on both sides of its figure."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from subgraphs.contracts.domain.provider_requests import ask_provider, chase_providers
from subgraphs.contracts.main import create_subgraph
from subgraphs.contracts.ports.provider import ProviderUnavailable
from subgraphs.contracts.ports.sandbox_webhooks import Misbehaviour
from subgraphs.contracts.ports.signature import SignatureOrder
from tests.subgraphs.contracts.contracts_builders import Contracts

ORDER = SignatureOrder(
    reference=UUID(int=1),
    document="",
    document_digest="",
    signer_id=UUID(int=2),
    signer_name=None,
    signer_tax_id=None,
)


class Provider:
    """Answers as it is told to, and counts."""

    def __init__(self, answer: Callable[[], Awaitable[object]]) -> None:
        self.asked = 0
        self._answer = answer

    async def request_signature(self, order: SignatureOrder) -> None:
        del order
        self.asked += 1
        await self._answer()


async def away() -> None:
    raise ProviderUnavailable("away")


@pytest.mark.parametrize("attempts", [1, 2])
async def test_a_provider_is_asked_as_often_as_set(contracts: Contracts, attempts: int) -> None:
    contracts.subgraph.services.settings.provider_attempts = attempts
    provider = Provider(away)
    with pytest.raises(ProviderUnavailable):
        await ask_provider(replace(contracts.subgraph.services, signature_provider=provider), ORDER)
    assert provider.asked == attempts


async def test_a_provider_that_is_silent_longer_than_set_is_away(contracts: Contracts) -> None:
    settings = contracts.subgraph.services.settings
    settings.provider_attempts, settings.provider_timeout_seconds = 1, 0.01
    silent = replace(contracts.subgraph.services, signature_provider=Provider(asyncio.Event().wait))
    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        await ask_provider(silent, ORDER)
    settings.provider_timeout_seconds = 60.0
    slow = Provider(lambda: asyncio.sleep(0.02))
    await ask_provider(replace(contracts.subgraph.services, signature_provider=slow), ORDER)
    assert slow.asked == 1


async def test_a_provider_is_waited_for_as_long_as_set(contracts: Contracts) -> None:
    contracts.subgraph.services.settings.provider_patience_seconds = 10
    contracts.signature.misbehave(Misbehaviour.LOST)
    await contracts.registered()
    chased = []
    for seconds in (9, 2):
        contracts.clock.advance(seconds=seconds)
        chased.append(await chase_providers(contracts.subgraph.services))
    assert chased == [0, 1]


async def test_its_jobs_run_as_often_as_set(contracts: Contracts) -> None:
    settings = contracts.subgraph.services.settings.model_copy(update={"jobs_every_seconds": 7.0})
    other = create_subgraph(settings, verifier=contracts.subgraph.verifier, people=contracts.people)
    assert {job.every_seconds for job in other.jobs} == {7.0}
    await other.close()
