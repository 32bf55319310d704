"""A person in the graph. Other domains add what they know of them."""

from datetime import date, datetime
from typing import Any

import strawberry

from subgraphs.accounts import crud, models
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.api.types.session import Session, SessionPage
from subgraphs.accounts.api.types.vocabulary import IdentityStatus, Profile, StaffRole
from subgraphs.accounts.domain import personal_data
from subgraphs.shared.graphql.context import Context, Info
from subgraphs.shared.graphql.cost import PAGED
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.paging import Cursor, PageInfo, cut_page, page_request


@strawberry.federation.type(
    keys=["id"],
    description="A registered person. Display name and profiles are for every signed-in person to see; everything "
    "else for the person and the platform's staff, and null for others.",
)
class User:
    id: strawberry.ID
    display_name: str = strawberry.field(description="How others see this person.")
    profiles: list[Profile] = strawberry.field(description="Farmer, investor, or both; none for staff alone.")
    full_name: str | None
    email: str | None
    email_confirmed: bool | None
    phone: str | None = strawberry.field(description="Mobile number in E.164.")
    phone_confirmed: bool | None
    birth_date: date | None
    identity_status: IdentityStatus | None = strawberry.field(description="How far the identity is proved.")
    staff_roles: list[StaffRole] | None
    suspended: bool | None = strawberry.field(description="Whether staff has suspended the account.")
    created_at: datetime | None
    row: strawberry.Private[models.User]
    is_open_to_asker: strawberry.Private[bool]

    @strawberry.field(description="The CPF with its outer digits hidden: ***.982.247-**.")
    def masked_cpf(self, info: Info) -> str | None:
        if not self.is_open_to_asker or self.row.cpf_sealed is None:
            return None
        cpf = info.context.services.vault.open(self.row.cpf_sealed, use="cpf", place=self.row.id)
        return personal_data.mask_cpf(cpf.decode())

    @strawberry.field(description="Whether signing in needs a code besides the password.")
    async def totp_enabled(self, info: Info) -> bool | None:
        if not self.is_open_to_asker:
            return None
        return await info.context.loader(loaders.load_totp_enabled).load(self.row.id)

    @strawberry.field(description="The newest attempt to prove the identity.")
    async def identity_check(self, info: Info) -> IdentityCheck | None:
        if not self.is_open_to_asker:
            return None
        row = await info.context.loader(loaders.load_newest_check).load(self.row.id)
        return None if row is None else IdentityCheck.from_model(row)

    @strawberry.field(description="Open sign-ins, the newest first.")
    async def sessions(self, info: Info) -> list[Session] | None:
        if not self.is_open_to_asker:
            return None
        rows = await info.context.loader(loaders.load_sessions).load(self.row.id)
        current_id = info.context.identity.session_id
        return [Session.from_model(row, current_id=current_id) for row in rows]

    @strawberry.field(
        description="All sign-ins, open and ended, the newest first. Addresses are kept for six months.",
        directives=[PAGED],
    )
    async def sign_in_history(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> SessionPage | None:
        if not self.is_open_to_asker:
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await crud.sessions.list_history(
                session, self.row.id, after=(page.after.at, page.after.id) if page.after else None, limit=page.limit
            )
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.created_at, row.id))
        current_id = info.context.identity.session_id
        return SessionPage(nodes=[Session.from_model(row, current_id=current_id) for row in kept], page_info=page_info)

    @classmethod
    def from_model(cls, row: models.User, context: Context, *, own: bool = False) -> "User":
        """*row* as the asker may see it; *own* when it is their own although they have no token yet."""
        is_open = own or context.is_staff or (not context.is_anonymous and context.identity.user_id == row.id)

        def private(value: Any) -> Any:
            return value if is_open else None

        return cls(
            id=strawberry.ID(str(row.id)),
            display_name=row.display_name,
            profiles=[Profile(name) for name in row.profiles],
            full_name=private(row.full_name),
            email=private(row.email),
            email_confirmed=private(row.email_confirmed_at is not None),
            phone=private(row.phone),
            phone_confirmed=private(row.phone_confirmed_at is not None),
            birth_date=private(row.birth_date),
            identity_status=private(IdentityStatus(row.identity_status)),
            staff_roles=private([StaffRole(name) for name in row.staff_roles]),
            suspended=private(row.suspended_at is not None),
            created_at=private(row.created_at),
            row=row,
            is_open_to_asker=is_open,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        """Anybody signed in may know that a person exists, and their public fields; an anonymous asker nothing."""
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.load_users).load_many([reference.id for reference in references])
        return [None if row is None else cls.from_model(row, info.context) for row in rows]


@strawberry.type(description="A page of people, the newest first.")
class UserPage:
    nodes: list[User]
    page_info: PageInfo
