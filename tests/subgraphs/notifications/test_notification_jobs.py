"""A message that cannot be written, or whose carrier answers with nonsense, holds up no other."""

from typing import Any
from uuid import UUID

import pytest

from subgraphs.notifications.domain import dispatching
from subgraphs.notifications.domain.dispatching import JOB
from subgraphs.notifications.schemas import heard
from tests.builders.jobs import failures_of
from tests.subgraphs.notifications.conftest import MARINA, Inboxes

DEPOSITS = [heard.DepositConfirmed(deposit_id=UUID(int=at), user_id=MARINA, amount_minor=100 * at) for at in (1, 2)]


async def bodies(inboxes: Inboxes) -> list[str]:
    return sorted(mail.body.splitlines()[2] for mail in inboxes.email.carried())


@pytest.mark.parametrize("step", ["render", "_try_to_carry"])
async def test_one_that_fails_holds_up_no_other(inboxes: Inboxes, step: str) -> None:
    await inboxes.arrives(heard.UserRegistered(user_id=MARINA))
    await inboxes.run_job()
    inboxes.email._carried.clear()
    for deposit in DEPOSITS:
        await inboxes.arrives(deposit)
    usual, failed = getattr(dispatching, step), failures_of(JOB)
    with pytest.MonkeyPatch.context() as broken:

        def break_one(*arguments: Any, **named: Any) -> Any:
            if "R$ 1,00" in str(arguments):
                raise ValueError("not this one")
            return usual(*arguments, **named)

        broken.setattr(dispatching, step, break_one)
        await inboxes.run_job()
    assert await bodies(inboxes) == ["R$ 2,00 entraram na sua carteira."]
    assert failures_of(JOB) == failed + 2  # by e-mail and as a push
    inboxes.clock.advance(hours=1)
    await inboxes.run_job()
    assert await bodies(inboxes) == ["R$ 1,00 entraram na sua carteira.", "R$ 2,00 entraram na sua carteira."]
