"""How the wallet is put together from its settings."""

from typing import Any

import pytest
from pydantic import ValidationError

from subgraphs.wallet.core.settings import WalletSettings
from subgraphs.wallet.main import create_subgraph
from subgraphs.wallet.ports.sandbox_gateway import SandboxGateway
from tests.fixtures.people import KnownPeople
from tests.fixtures.tokens import TokenIssuer

NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/none"
SECRET = "a-secret-that-only-the-gateway-knows"

PATHS = [
    "/webhooks/pix",
    "/wallet/statements/{wallet_id}.{form}",
    "/wallet/transfers.{form}",
    "/personal-data/wallet.json",
    "/audit-log/wallet.csv",
]


class AnotherGateway:
    """What a deployment would bring."""

    def __init__(self, settings: WalletSettings) -> None:
        self.settings = settings


def settings(**changed: Any) -> WalletSettings:
    return WalletSettings(
        **(
            {"database_url": NOWHERE, "webhook_secret": SECRET, "sealing_secret": SECRET, "people_secret": SECRET}
            | changed
        )
    )


async def test_the_sandbox_is_the_gateway_until_another_is_named(tokens: TokenIssuer) -> None:
    subgraph = create_subgraph(settings(), verifier=tokens.verifier, people=KnownPeople())
    assert isinstance(subgraph.services.gateway, SandboxGateway)
    paths = sorted(route.path for router in subgraph.routes for route in router.routes)
    assert paths == sorted(["/sandbox/boleto/pay", "/sandbox/pix/claim", "/sandbox/pix/pay", *PATHS])
    assert "deliver sandbox webhooks" in [job.name for job in subgraph.jobs]
    await subgraph.close()


async def test_with_a_real_gateway_nobody_can_pay_in_the_sandbox(tokens: TokenIssuer) -> None:
    named = settings(gateway=f"{__name__}:AnotherGateway")
    subgraph = create_subgraph(named, verifier=tokens.verifier, people=KnownPeople(), gateway=AnotherGateway(named))  # type: ignore[arg-type]
    assert [route.path for router in subgraph.routes for route in router.routes] == PATHS
    assert "deliver sandbox webhooks" not in [job.name for job in subgraph.jobs]
    await subgraph.close()


def test_a_gateway_that_is_not_there_stops_the_start(tokens: TokenIssuer) -> None:
    with pytest.raises(ValueError, match="cannot be loaded"):
        create_subgraph(settings(gateway="no.such.module:factory"), verifier=tokens.verifier, people=KnownPeople())
    with pytest.raises(ValueError, match="is neither 'sandbox' nor of the form"):
        create_subgraph(settings(gateway="pagamentos"), verifier=tokens.verifier, people=KnownPeople())


@pytest.mark.parametrize(
    "wrong",
    [{"webhook_secret": "short"}, {"sealing_secret": "short"}, {"people_secret": "short"}, {"boleto_bank_code": "1"}],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)
