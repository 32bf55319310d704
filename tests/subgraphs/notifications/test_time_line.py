"""The time line: references to other domains' entities, in order, the person's own."""

from uuid import UUID

from subgraphs.notifications.schemas import heard
from tests.subgraphs.notifications.conftest import MARINA, SERGIO, Inboxes

ACTIVITIES = """query ($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
  activities(first: 10) { nodes { __typename id } pageInfo { hasNextPage } } } } }"""


async def test_what_happened_stands_in_order_as_references(inboxes: Inboxes) -> None:
    deposit, investment, payout = UUID(int=1), UUID(int=2), UUID(int=3)
    await inboxes.arrives(heard.DepositConfirmed(deposit_id=deposit, user_id=MARINA, amount_minor=1))
    inboxes.clock.advance(hours=1)
    await inboxes.arrives(heard.InvestmentRequested(investment_id=investment, investor_id=MARINA))
    inboxes.clock.advance(hours=1)
    await inboxes.arrives(heard.PayoutCredited(payout_id=payout, user_id=MARINA, amount_minor=1))
    answer = await inboxes.ask(ACTIVITIES, MARINA, id=str(MARINA))
    assert answer["data"]["_entities"][0]["activities"] == {
        "nodes": [
            {"__typename": "Payout", "id": str(payout)},
            {"__typename": "Investment", "id": str(investment)},
            {"__typename": "Deposit", "id": str(deposit)},
        ],
        "pageInfo": {"hasNextPage": False},
    }


async def test_a_time_line_is_its_owners_only(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.DepositConfirmed(deposit_id=UUID(int=1), user_id=MARINA, amount_minor=1))
    answer = await inboxes.ask(ACTIVITIES, SERGIO, id=str(MARINA))
    assert answer["data"]["_entities"] == [{"activities": None}]


async def test_a_reference_to_an_activity_gives_back_its_key(inboxes: Inboxes) -> None:
    query = '{ _entities(representations: [{__typename: "Payout", id: "7"}]) { __typename ... on Payout { id } } }'
    answer = await inboxes.ask(query, MARINA)
    assert answer["data"]["_entities"] == [{"__typename": "Payout", "id": "7"}]
