"""Facts that wait together are told together, each as if it had come alone."""

from uuid import UUID

import pytest
from sqlalchemy import select

from subgraphs.notifications.domain import notifications
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.models import Dispatch, Notification
from subgraphs.notifications.schemas import heard
from tests.builders.deliveries import deliver_together, in_order
from tests.builders.statements import counted_statements
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes
from tests.subgraphs.notifications.test_channels import switch
from tests.subgraphs.notifications.test_inbox import DUE_SOON, INSTALLMENT

QUEUE = "notifications.tell_person"


def deposit(number: int, user_id: UUID = MARINA) -> heard.DepositConfirmed:
    return heard.DepositConfirmed(deposit_id=UUID(int=number), user_id=user_id, amount_minor=number * 100)


async def told(inboxes: Inboxes) -> list[tuple[UUID, int, UUID | None, list[str]]]:
    """Who was told as which of theirs, of what, and over which channels."""
    newest_last = select(Notification).order_by(Notification.user_id, Notification.place)
    async with inboxes.subgraph.database.read() as session:
        rows = (await session.scalars(newest_last)).all()
        going_out = (await session.scalars(select(Dispatch))).all()
    channels = {row.id: sorted(it.channel for it in going_out if it.notification_id == row.id) for row in rows}
    return [(row.user_id, row.place, row.subject_id, channels[row.id]) for row in rows]


async def test_each_is_told_in_the_order_of_the_queue_over_the_channels_of_its_person(inboxes: Inboxes) -> None:
    await switch(inboxes, "DEPOSIT", "EMAIL", enabled=False)
    facts = [deposit(3), DUE_SOON, deposit(1, SERGIO), deposit(2)]
    assert await deliver_together(inboxes.subgraph, QUEUE, *facts) == 4
    assert await told(inboxes) == [
        (SERGIO, 1, INSTALLMENT, ["EMAIL", "PUSH"]),
        (SERGIO, 2, UUID(int=1), ["EMAIL", "PUSH"]),
        (MARINA, 1, UUID(int=3), ["PUSH"]),
        (MARINA, 2, UUID(int=2), ["PUSH"]),
    ]


async def test_who_has_left_and_what_was_told_before_are_passed_over(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.AccountClosed(user_id=SERGIO))
    (before,) = in_order(deposit(1))
    assert await deliver_together(inboxes.subgraph, QUEUE, before) == 1
    async with inboxes.subgraph.database.begin() as session:  # of another queue's, as after a change of names
        await notifications.tell(session, [(before, deposit(1))], now=inboxes.clock.now())
    again = [before, *in_order(deposit(2), deposit(3, SERGIO))]
    assert await deliver_together(inboxes.subgraph, QUEUE, *again) == 2
    assert [(person, subject) for person, _, subject, _ in await told(inboxes)] == [
        (MARINA, UUID(int=1)),
        (MARINA, UUID(int=2)),
    ]


async def test_thirty_take_as_many_statements_as_two(inboxes: Inboxes) -> None:
    counts = []
    for numbers in (range(1, 3), range(3, 33)):
        with counted_statements(inboxes.subgraph.database) as sent:
            await deliver_together(inboxes.subgraph, QUEUE, *map(deposit, numbers))
        counts.append(len(sent))
    assert counts == [6, 6]
    assert len(await told(inboxes)) == 32


@pytest.mark.parametrize("fact", HOLDER_TELLINGS)
def test_what_all_holders_are_told_is_taken_singly(inboxes: Inboxes, fact: type[heard.CPRSettled]) -> None:
    (reaction,) = (it for it in inboxes.subgraph.reactions if it.queue == QUEUE)
    assert fact.type in reaction.singly
