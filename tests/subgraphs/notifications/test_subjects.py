"""Each notification opens what it is about: in the graph, and by a path of the app."""

from uuid import UUID

import pytest
from sqlalchemy import update

from subgraphs.notifications import models
from subgraphs.notifications.api.types.subject import TYPES
from subgraphs.notifications.domain.catalogue import TELLINGS
from subgraphs.notifications.domain.holder_catalogue import HOLDER_TELLINGS
from subgraphs.notifications.domain.subjects import PATHS
from subgraphs.notifications.domain.telling import Telling
from subgraphs.notifications.schemas import heard
from tests.subgraphs.notifications.conftest import MARINA, Inboxes

INBOX = """query ($id: ID!) { _entities(representations: [{__typename: "User", id: $id}]) { ... on User {
  notifications { nodes { path subject { __typename ... on Deposit { id } ... on UnknownSubject { typeName subjectId }
  } } } } } }"""
DEPOSIT = UUID(int=12)


async def subjects(inboxes: Inboxes) -> list[dict]:
    answer = await inboxes.ask(INBOX, MARINA, id=str(MARINA))
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["_entities"][0]["notifications"]["nodes"]


async def test_a_notification_opens_the_thing_itself(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.DepositConfirmed(deposit_id=DEPOSIT, user_id=MARINA, amount_minor=1))
    assert await subjects(inboxes) == [
        {"path": f"/wallet/deposits/{DEPOSIT}", "subject": {"__typename": "Deposit", "id": str(DEPOSIT)}}
    ]


async def test_one_about_nothing_leads_to_the_inbox(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.UserRegistered(user_id=MARINA))
    assert await subjects(inboxes) == [{"path": "/notifications", "subject": None}]


async def test_what_is_of_a_kind_that_is_not_known_says_so(inboxes: Inboxes) -> None:
    await inboxes.arrives(heard.DepositConfirmed(deposit_id=DEPOSIT, user_id=MARINA, amount_minor=1))
    async with inboxes.subgraph.database.begin() as session:
        await session.execute(update(models.Notification).values(subject_type="Harvest"))
    assert await subjects(inboxes) == [
        {
            "path": "/notifications",
            "subject": {"__typename": "UnknownSubject", "typeName": "Harvest", "subjectId": str(DEPOSIT)},
        }
    ]


@pytest.mark.parametrize(
    "telling", [*TELLINGS.values(), *HOLDER_TELLINGS.values()], ids=lambda t: t.words.title_english
)
def test_every_telling_is_about_something_that_can_be_opened_or_nothing(telling: Telling) -> None:
    assert (telling.subject_type is None) == (telling.subject is None)
    assert telling.subject_type is None or (telling.subject_type in PATHS and telling.subject_type in TYPES)
