"""The story's repayment, with a wallet that learns late of what is owed."""

from typing import Any

from launch.home import Addresses
from story.client import Client
from story.people import Person
from story.repayment import CHARGE, charge

NOWHERE = "http://127.0.0.1:1"


class LateWallet(Client):
    """Hears of what is owed when it was asked twice; what it refuses until then uses up no key."""

    def __init__(self) -> None:
        addresses = Addresses(
            pid=1, graphql=NOWHERE, accounts=NOWHERE, wallet=NOWHERE, credit=NOWHERE, contracts=NOWHERE,
            database="none", broker="none",
        )  # fmt: skip
        super().__init__(addresses, wait_seconds=3.0)  # long enough for three looks
        self.asked: list[str] = []

    async def graphql(self, document: str, variables: dict[str, Any] | None = None, *, token: str | None = None) -> Any:
        assert (document, token) == (CHARGE, "farmer's")
        assert variables
        self.asked.append(variables["input"]["idempotencyKey"])
        if len(self.asked) < 3:
            return {"createCharge": {"__typename": "InstallmentNotOwed"}}
        return {"createCharge": {"__typename": "Charge", "id": "c1"}}


async def test_a_charge_is_asked_for_again_by_its_key_until_the_wallet_knows_what_is_owed() -> None:
    wallet = LateWallet()
    farmer = Person("Sérgio", "sergio@example.com")
    farmer.token = "farmer's"
    try:
        assert (await charge(wallet, farmer, "i1"))["id"] == "c1"
        assert (len(wallet.asked), len(set(wallet.asked))) == (3, 1)
    finally:
        await wallet.close()
