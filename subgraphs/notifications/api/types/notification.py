"""`Notification` and its page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.notifications import models
from subgraphs.notifications.api.context import Context, Info
from subgraphs.notifications.api.types.subject import NotificationSubject, subject_of
from subgraphs.notifications.api.types.vocabulary import Category
from subgraphs.notifications.crud import notifications
from subgraphs.notifications.domain.subjects import path_of
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import PageInfo
from subgraphs.shared.scopes import Sight


@strawberry.federation.type(keys=["id"], description="One message in a person's inbox.")
class Notification(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    category: Category = strawberry.field(description="What kind it is, as preferences name it.")
    title: str = strawberry.field(description="A few words in Portuguese.")
    body: str = strawberry.field(description="What happened, in Portuguese.")
    title_english: str = strawberry.field(description="The title in English.")
    body_english: str = strawberry.field(description="The body in English.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    read_at: datetime | None = strawberry.field(
        description="When the person marked it as read; null while they have not."
    )
    subject_type: str | None = strawberry.field(description="GraphQL type of what it is about, for a link.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="The id of what it is about; null where that is nothing."
    )
    path: str = strawberry.field(description="Where the app shows what it is about; the inbox where that is nothing.")
    subject: NotificationSubject | None = strawberry.field(
        description="What it is about, to be opened. Null where that is nothing, or gone, or not the person's to see."
    )

    @strawberry.field(description="Whether the person has read it.")
    def is_read(self) -> bool:
        return self.read_at is not None

    @classmethod
    def from_model(cls, model: models.Notification) -> Self:
        return cls(
            id=strawberry.ID(str(model.id)),
            category=Category(model.category),
            title=model.title,
            body=model.body,
            title_english=model.title_english,
            body_english=model.body_english,
            occurred_at=model.occurred_at,
            read_at=model.read_at,
            subject_type=model.subject_type,
            subject_id=strawberry.ID(str(model.subject_id)) if model.subject_id else None,
            path=path_of(model.subject_type, model.subject_id),
            subject=subject_of(model),
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list[Self | None]:
        return await cls.shown(info.context, [reference.id for reference in references])

    @classmethod
    async def shown(cls, context: Context, ids: Sequence[UUID]) -> list[Self | None]:
        """One's own only; others' are absent, for staff too."""
        if context.is_anonymous:
            return [None] * len(ids)
        async with context.read() as session:
            found = await notifications.list_by_id(session, ids, user_id=context.identity.as_owner(Sight.INBOX))
        by_id = {model.id: cls.from_model(model) for model in found}
        return [by_id.get(notification_id) for notification_id in ids]


@strawberry.type(description="A part of an inbox, newest first.")
class NotificationPage:
    nodes: list[Notification] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
