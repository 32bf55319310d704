"""A person in the graph. Other domains add what they know of them."""

from datetime import date, datetime

import strawberry

from subgraphs.accounts import crud, models
from subgraphs.accounts.api import loaders
from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.consent import Consent, ConsentFact, ConsentFactPage
from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.api.types.representation import Representation
from subgraphs.accounts.api.types.session import Session, SessionPage
from subgraphs.accounts.api.types.vocabulary import AccountKind, ConsentPurpose, IdentityStatus, Profile, StaffRole
from subgraphs.accounts.domain import companies, registration
from subgraphs.shared import tax_ids
from subgraphs.shared.exports.own_data import personal_data_path
from subgraphs.shared.graphql import descriptions
from subgraphs.shared.graphql.cost import PAGED, sized
from subgraphs.shared.graphql.entities import Reference
from subgraphs.shared.graphql.looks import StaffLookPage, looks_field
from subgraphs.shared.graphql.node import Node
from subgraphs.shared.graphql.paging import After, Cursor, First, PageInfo, cut_page, page_request
from subgraphs.shared.scopes import DOMAINS, Sight


@strawberry.federation.type(
    keys=["id"],
    description=descriptions.USER,
)
class User(Node):
    id: strawberry.ID = strawberry.field(description=descriptions.ID)
    profile_looks: StaffLookPage | None = looks_field("name, contact data, identity and sign-ins")
    kind: AccountKind = strawberry.field(description="A person, a company or a cooperative.")
    display_name: str = strawberry.field(description="How others see this person; of a company its trade name.")
    profiles: list[Profile] = strawberry.field(description="Farmer, investor, or both; none for staff alone.")
    row: strawberry.Private[models.User]
    is_own: strawberry.Private[bool]
    """The asker's own, although they may have no token yet."""

    @strawberry.field(description="Of a company its legal name (razão social).")
    def full_name(self, info: Info) -> str | None:
        return self.row.full_name if self._shows(info, Sight.IDENTITY) else None

    @strawberry.field(description="Where the account is reached; null of a company, and to others.")
    def email(self, info: Info) -> str | None:
        return self.row.email if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="Whether the e-mail is confirmed.")
    def email_confirmed(self, info: Info) -> bool | None:
        return self.row.email_confirmed_at is not None if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="Mobile number in E.164.")
    def phone(self, info: Info) -> str | None:
        return self.row.phone if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="Whether the mobile number is confirmed.")
    def phone_confirmed(self, info: Info) -> bool | None:
        return self.row.phone_confirmed_at is not None if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="Null of a company, and to others.")
    def birth_date(self, info: Info) -> date | None:
        return self.row.birth_date if self._shows(info, Sight.IDENTITY) else None

    @strawberry.field(description="How far the identity is proved.")
    def identity_status(self, info: Info) -> IdentityStatus | None:
        return self.row.identity_status if self._shows(info, Sight.IDENTITY) else None

    @strawberry.field(
        description="What the person decides for the platform; none for most. For the person and administrators."
    )
    def staff_roles(self, info: Info) -> list[StaffRole] | None:
        return [StaffRole(name) for name in self.row.staff_roles] if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="Whether staff has suspended the account.")
    def suspended(self, info: Info) -> bool | None:
        return self.row.suspended_at is not None if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="When the account was opened. For the person and administrators.")
    def created_at(self, info: Info) -> datetime | None:
        return self.row.created_at if self._shows(info, Sight.CONTACT) else None

    @strawberry.field(description="The CPF with its outer digits hidden: ***.982.247-**.")
    def masked_cpf(self, info: Info) -> str | None:
        if self.row.cpf_sealed is None or not self._shows(info, Sight.IDENTITY):
            return None
        cpf = registration.cpf_of(info.context.services, self.row)
        return None if cpf is None else tax_ids.mask_cpf(cpf)

    @strawberry.field(description="The CNPJ of a company or cooperative: 12.ABC.345/01DE-35. Null of a person.")
    def cnpj(self, info: Info) -> str | None:
        if self.row.cnpj_sealed is None or not self._shows(info, Sight.IDENTITY):
            return None
        cnpj = companies.cnpj_of(info.context.services, self.row)
        return None if cnpj is None else tax_ids.print_cnpj(cnpj)

    @strawberry.field(description="Who may act for this company, and who might; the earliest first.")
    async def representatives(self, info: Info) -> list[Representation] | None:
        if not self._shows(info, Sight.IDENTITY):
            return None
        rows = await info.context.loader(loaders.representatives_by_company).load(self.row.id)
        return [Representation.from_model(row) for row in rows]

    @strawberry.field(description="The companies for which this person may act, or will.")
    async def represents(self, info: Info) -> list[Representation] | None:
        if not self._shows(info, Sight.IDENTITY):
            return None
        rows = await info.context.loader(loaders.represented_by_person).load(self.row.id)
        return [Representation.from_model(row) for row in rows]

    @strawberry.field(description="Whether signing in needs a code besides the password.")
    async def totp_enabled(self, info: Info) -> bool | None:
        if not self._shows(info, Sight.SIGN_INS):
            return None
        return await info.context.loader(loaders.totp_enabled_by_user).load(self.row.id)

    @strawberry.field(
        description="For oneself alone: the files with all that is kept of one, a domain each. GET them with an access "
        "token, within five minutes of proving who one is.",
        directives=[sized(len(DOMAINS))],
    )
    def personal_data_paths(self, info: Info) -> list[str] | None:
        is_oneself = info.context.shows_own(self.row.id, Sight.IDENTITY)
        return [personal_data_path(domain) for domain in DOMAINS] if is_oneself else None

    @strawberry.field(
        description="Where the person stands with each text that is in force: agreed to or not, and until when that is "
        "good. For the person and administrators.",
        directives=[sized(len(ConsentPurpose))],
    )
    async def consents(self, info: Info) -> list[Consent] | None:
        if not self._shows(info, Sight.CONTACT):
            return None
        return [Consent.of(stand) for stand in await info.context.loader(loaders.stands_by_user).load(self.row.id)]

    @strawberry.field(
        description="All that the person ever said of texts, the newest first. For the person and administrators.",
        directives=[PAGED],
    )
    async def consent_history(self, info: Info, first: First = None, after: After = None) -> ConsentFactPage | None:
        if not self._shows(info, Sight.CONTACT):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await crud.consents.list_of_user(session, self.row.id, before=page.place, limit=page.limit)
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.at, row.id))
        return ConsentFactPage(nodes=[ConsentFact.from_model(row) for row in kept], page_info=page_info)

    @strawberry.field(description="The newest attempt to prove the identity.")
    async def identity_check(self, info: Info) -> IdentityCheck | None:
        if not self._shows(info, Sight.IDENTITY):
            return None
        row = await info.context.loader(loaders.newest_checks_by_user).load(self.row.id)
        return None if row is None else IdentityCheck.from_model(row)

    @strawberry.field(description="Open sign-ins, the newest first.")
    async def sessions(self, info: Info) -> list[Session] | None:
        if not self._shows(info, Sight.SIGN_INS):
            return None
        rows = await info.context.loader(loaders.sessions_by_user).load(self.row.id)
        current_id = info.context.identity.session_id
        return [Session.from_model(row, current_id=current_id) for row in rows]

    @strawberry.field(
        description="All sign-ins, open and ended, the newest first. Addresses are kept for six months.",
        directives=[PAGED],
    )
    async def sign_in_history(self, info: Info, first: First = None, after: After = None) -> SessionPage | None:
        if not self._shows(info, Sight.SIGN_INS):
            return None
        page = page_request(first, after)
        async with info.context.read() as session:
            rows = await crud.sessions.list_history(session, self.row.id, after=page.place, limit=page.limit)
        kept, page_info = cut_page(rows, page, lambda row: Cursor(row.created_at, row.id))
        current_id = info.context.identity.session_id
        return SessionPage(nodes=[Session.from_model(row, current_id=current_id) for row in kept], page_info=page_info)

    def _shows(self, info: Info, sight: Sight) -> bool:
        return self.is_own or info.context.shows(self.row.id, sight)

    @classmethod
    def from_model(cls, row: models.User, *, own: bool = False) -> "User":
        """*row* as the asker may see it; *own* when it is their own although they have no token yet."""
        return cls(
            id=strawberry.ID(str(row.id)),
            kind=AccountKind(row.kind),
            display_name=row.display_name,
            profiles=[Profile(name) for name in row.profiles],
            row=row,
            is_own=own,
        )

    @classmethod
    async def resolve_references(cls, info: Info, references: list[Reference]) -> list["User | None"]:
        """Anybody signed in may know that a person exists, and their public fields; an anonymous asker nothing."""
        if info.context.is_anonymous:
            return [None] * len(references)
        rows = await info.context.loader(loaders.users_by_id).load_many([reference.id for reference in references])
        return [None if row is None else cls.from_model(row) for row in rows]


@strawberry.type(description="A page of people, the newest first.")
class UserPage:
    nodes: list[User] = strawberry.field(description=descriptions.NODES)
    page_info: PageInfo = strawberry.field(description=descriptions.PAGE_INFO)
