"""Leaving."""

from datetime import datetime

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.vocabulary import Retention
from subgraphs.accounts.domain import accounts, personal_data, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="The password, and the second factor if there is one.")
class CloseAccountInput:
    password: str = strawberry.field(description="One's own password, also when one closes a company's account.")
    totp_code: str | None = strawberry.field(
        default=None, description="The authenticator app's six digits, where there is a second factor."
    )
    recovery_code: str | None = strawberry.field(default=None, description="Instead of them, one of the codes kept.")


@strawberry.type(description="Something of a closed account that stays, why, and until when.")
class KeptData:
    kind: Retention = strawberry.field(description="What kind of data it is.")
    what: str = strawberry.field(description="What it is, in Portuguese.")
    what_english: str = strawberry.field(description="What it is, in English.")
    why: str = strawberry.field(description="Why it stays, in Portuguese.")
    why_english: str = strawberry.field(description="Why it stays, in English.")
    law: str = strawberry.field(description="What asks for it, by article.")
    until: datetime | None = strawberry.field(description="For good when null.")

    @classmethod
    def from_domain(cls, kept: accounts.Kept) -> "KeptData":
        return cls(
            kind=kept.kind,
            what=kept.retained.what,
            what_english=kept.retained.what_english,
            why=kept.retained.why,
            why_english=kept.retained.why_english,
            law=kept.retained.law,
            until=kept.until,
        )


@strawberry.type(description="The account is closed and the person's data are erased, except for what is named.")
class AccountClosed:
    closed_at: datetime = strawberry.field(description="When it was closed.")
    kept: list[KeptData] = strawberry.field(description="What stays, why and until when; everything else is erased.")


@strawberry.type
class CloseAccountMutation:
    @mutation(
        refusals.AccountHasOpenBusiness,
        refusals.LastAdministrator,
        refusals.RepresentationNotFound,
        refusals.WrongPassword,
        refusals.SecondFactorRequired,
        refusals.InvalidSecondFactor,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Close the account for good (LGPD), or that of the company one acts for, with one's own password. "
        "Not while there is open business.",
        directives=[ONCE],
    )
    async def close_account(self, info: Info, input: CloseAccountInput) -> AccountClosed:
        services = info.context.services
        personal_data.bound(
            services.settings.password_characters_max,
            password=input.password,
            totpCode=input.totp_code,
            recoveryCode=input.recovery_code,
        )
        closed = await accounts.close_account(
            services,
            actor=info.context.identity,
            password=input.password,
            totp_code=input.totp_code,
            recovery_code=input.recovery_code,
        )
        return AccountClosed(closed_at=closed.at, kept=[KeptData.from_domain(kept) for kept in closed.kept])
