"""Messages that could not be handled, as administrators see them."""

from datetime import datetime
from typing import Self

import orjson
import strawberry

from subgraphs.accounts import models
from subgraphs.accounts.api.types.vocabulary import DeadLetterAction
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import sized
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.logging import mask_text
from subgraphs.shared.messaging.event import Event, MalformedEvent
from subgraphs.shared.messaging.transport import DeadLetter as Letter

BODY_CHARACTERS_MAX = 10_000


@strawberry.type(description="A message that a service could not handle, and why.")
class DeadLetter:
    id: strawberry.ID = strawberry.field(description="The handler's queue and the message's id.")
    queue: str = strawberry.field(
        description="The queue of the handler that gave up, as `deadLetters(queue:)` takes it."
    )
    reason: str = strawberry.field(description="Why, without the personal data that it may have named.")
    attempts: int = strawberry.field(description="How often it was tried.")
    died_at: datetime | None = strawberry.field(description="When it was given up; null when the broker does not say.")
    event_type: str | None = strawberry.field(description="Null where the message is no event of ours.")
    subject: str | None = strawberry.field(description="What the event is about.")
    occurred_at: datetime | None = strawberry.field(
        description="When what it tells of happened; null where the message is no event of ours."
    )
    body: str = strawberry.field(description="What it says, in full up to 10,000 characters.")

    @classmethod
    def of(cls, letter: Letter) -> Self:
        event, body = None, repr(letter.body)
        try:
            event = Event.decode(letter.body)
            body = orjson.dumps(orjson.loads(letter.body), option=orjson.OPT_INDENT_2).decode()
        except MalformedEvent:
            pass
        return cls(
            id=strawberry.ID(letter.id),
            queue=letter.queue,
            reason=mask_text(letter.reason),
            attempts=letter.attempts,
            died_at=letter.died_at,
            event_type=event.type if event else None,
            subject=event.subject if event else None,
            occurred_at=event.time if event else None,
            body=body[:BODY_CHARACTERS_MAX],
        )


@strawberry.type(description="What an administrator asked to be done to dead letters: written down before it was done.")
class DeadLetterAct:
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    at: datetime = strawberry.field(description="When it was asked.")
    asked_by: strawberry.ID = strawberry.field(description="The administrator who asked: a person's id.")
    action: DeadLetterAction = strawberry.field(description="What was asked to be done.")
    letters: list[strawberry.ID] = strawberry.field(
        description="The ids of the dead letters, whether or not they were there.", directives=[sized(10)]
    )
    reason: str = strawberry.field(description="Why, in the administrator's words.")
    correlation_id: str = strawberry.field(description="The request's, under which the logs tell the rest.")

    @classmethod
    def from_model(cls, row: models.DeadLetterAct) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            at=row.at,
            asked_by=strawberry.ID(str(row.actor_id)),
            action=DeadLetterAction(row.action),
            letters=[strawberry.ID(letter) for letter in row.letters],
            reason=row.reason,
            correlation_id=row.correlation_id,
        )


@strawberry.type(description="What administrators asked to be done to dead letters, the newest first.")
class DeadLetterActPage:
    nodes: list[DeadLetterAct] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)


@strawberry.type(description="The oldest dead letters.")
class DeadLetterList:
    nodes: list[DeadLetter] = strawberry.field(description=descriptions.NODES)
    has_more: bool = strawberry.field(description="Whether there are more than are shown.")
