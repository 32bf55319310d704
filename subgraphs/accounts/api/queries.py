"""What can be asked of accounts."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry
from graphql import GraphQLError

from subgraphs.accounts import crud
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.consent import ConsentText
from subgraphs.accounts.api.types.dead_letter import DeadLetter, DeadLetterAct, DeadLetterActPage, DeadLetterList
from subgraphs.accounts.api.types.identity_check import IdentityCheck, IdentityCheckPage
from subgraphs.accounts.api.types.screening_hit import ScreeningHit, ScreeningHitPage
from subgraphs.accounts.api.types.user import User, UserPage
from subgraphs.accounts.api.types.vocabulary import CheckStatus, ConsentPurpose
from subgraphs.accounts.domain import consents, dead_letters, people
from subgraphs.accounts.domain.refusals import BrokerUnavailable
from subgraphs.accounts.models.vocabulary import HitStatus
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.me import ME
from subgraphs.shared.graphql.paging import After, Cursor, First, cut_page, page_request
from subgraphs.shared.graphql.scalars import parse_id, require_id
from subgraphs.shared.scopes import Sight

T = TypeVar("T")


class NobodysToken(GraphQLError):
    """It is genuine, and the person is not on record: as good as none."""

    def __init__(self) -> None:
        extensions = {"code": "UNAUTHENTICATED", "reason": "ACCOUNT_UNKNOWN"}
        super().__init__("There is no such account any more; sign up again.", extensions=extensions)


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description=ME)
    async def me(self, info: Info) -> User | None:
        row = await info.context.loader(loaders.users_by_id).load(info.context.require().user_id)
        if row is None:
            raise NobodysToken
        return User.from_model(row)

    @strawberry.field(description="A person; public fields only, unless it is oneself or one is staff.")
    async def user(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The person's or company's id; null comes for an unknown one."),
        ],
    ) -> User | None:
        user_id = parse_id(id)
        row = await info.context.loader(loaders.users_by_id).load(user_id) if user_id else None
        return None if row is None else User.from_model(row)

    @strawberry.field(
        description="The texts that people agree to: those in force, and those laid down for a day to come. For "
        "everybody, as a sign-up's form shows them.",
        directives=[sized(len(ConsentPurpose))],
    )
    async def consent_texts(self, info: Info) -> list[ConsentText]:
        async with info.context.read() as session:
            texts = await crud.consents.list_texts(session)
        shown = consents.texts_to_read(texts, today=business_date(info.context.clock.now()))
        return [ConsentText.from_model(text) for text in shown]

    @strawberry.field(
        description="For administrators: people, the newest first; all, or those whose name has the text in it, whose "
        "e-mail begins with it, or whose the CPF or CNPJ is.",
        directives=[PAGED],
    )
    async def users(
        self,
        info: Info,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Part of a name, the beginning of an e-mail, or a whole CPF or CNPJ; of longer texts the "
                "first 254 characters. All people when left out."
            ),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> UserPage:
        page = page_request(first, after)
        rows = await people.search_people(
            info.context.services,
            search,
            after=page.place,
            limit=page.limit,
        )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.created_at, row.id))
        if search and search.strip():
            # Whoever is found has the name, e-mail or CPF that was looked for, whatever fields are asked for.
            for row in kept:
                info.context.may_see(row.id, Sight.IDENTITY)
                info.context.may_see(row.id, Sight.CONTACT)
        return UserPage(nodes=[User.from_model(row) for row in kept], page_info=page_info)

    @strawberry.field(
        description="Entries of lists of sanctions and of politically exposed people that may be somebody, those "
        "waiting longest first; the open ones unless another status is asked for, all when it is null. Staff only.",
        directives=[PAGED],
    )
    async def screening_hits(
        self,
        info: Info,
        status: Annotated[
            HitStatus | None,
            strawberry.argument(description="Only those that stand there; open ones when left out, all when null."),
        ] = HitStatus.OPEN,
        first: First = None,
        after: After = None,
    ) -> ScreeningHitPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await crud.screenings.list_hits(session, status=status, after=page.place, limit=page.limit)
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.found_at, row.id))
        return ScreeningHitPage(nodes=[ScreeningHit.seen_by(info.context, row) for row in kept], page_info=page_info)

    @strawberry.field(
        description="Identity checks, those waiting longest first; those in review unless another status is asked "
        "for, all when it is null. Staff only.",
        directives=[PAGED],
    )
    async def identity_checks(
        self,
        info: Info,
        status: Annotated[
            CheckStatus | None,
            strawberry.argument(
                description="Only those that stand there; those in review when left out, all when null."
            ),
        ] = CheckStatus.IN_REVIEW,
        first: First = None,
        after: After = None,
    ) -> IdentityCheckPage:
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await crud.identity_checks.list_queue(
                session,
                status=status,
                after=page.place,
                limit=page.limit,
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.submitted_at, row.id))
        return IdentityCheckPage(
            nodes=[check for row in kept if (check := IdentityCheck.seen_by(info.context, row))], page_info=page_info
        )

    @strawberry.field(
        description="For administrators: messages that a service could not handle, the oldest first; of one handler's "
        "queue, or of all.",
        directives=[PAGED],
    )
    async def dead_letters(
        self,
        info: Info,
        queue: Annotated[
            str | None, strawberry.argument(description="Of this queue alone; of all when left out.")
        ] = None,
        first: First = None,
    ) -> DeadLetterList:
        page = page_request(first, None)
        found = await _asked(dead_letters.list_dead_letters(info.context.dead_letters, queue=queue, limit=page.limit))
        return DeadLetterList(
            nodes=[DeadLetter.of(letter) for letter in found[: page.first]], has_more=len(found) > page.first
        )

    @strawberry.field(description="For administrators: one message that a service could not handle.")
    async def dead_letter(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The id at `deadLetters`; null comes for one that is not there any more."),
        ],
    ) -> DeadLetter | None:
        letter = await _asked(dead_letters.find_dead_letter(info.context.dead_letters, id))
        return DeadLetter.of(letter) if letter else None

    @strawberry.field(
        description="For administrators: what they asked to be done to dead letters, the newest first; of one of them, "
        "or of all.",
        directives=[PAGED],
    )
    async def dead_letter_acts(
        self,
        info: Info,
        asked_by: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Of this administrator alone, by their id; of all when left out."),
        ] = None,
        first: First = None,
        after: After = None,
    ) -> DeadLetterActPage:
        page = page_request(first, after)
        actor_id = require_id(asked_by) if asked_by else None
        async with info.context.read() as session:
            rows = await crud.dead_letter_acts.list_acts(
                session, actor_id=actor_id, before=page.place, limit=page.limit
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.at, row.id))
        return DeadLetterActPage(nodes=[DeadLetterAct.from_model(row) for row in kept], page_info=page_info)


async def _asked(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except BrokerUnavailable:
        raise GraphQLError(
            "The message broker does not answer; try again.", extensions={"code": "SERVICE_UNAVAILABLE"}
        ) from None
