"""Money goes to people's banks, where it arrives or not."""

from story.money_out import REGISTER, WITHDRAW
from tests.chaos.deeds.turn import Turn, deed


@deed("register a bank account")
async def register(turn: Turn) -> None:
    """Where money arrives, or one that takes none."""
    number = "88812345-6" if turn.term("refuses") else "12345-6"
    account = await turn.mutate(REGISTER, bankCode="001", branch="1234", accountNumber=number, accountType="CHECKING")
    if account["__typename"] == "BankAccount":
        turn.player.kept["bank account"] = account["id"]


@deed("withdraw money")
async def withdraw(turn: Turn) -> None:
    if account_id := turn.player.kept.get("bank account"):
        await turn.mutate(WITHDRAW, amount={"amount": turn.term("amount")}, bankAccountId=account_id)
