"""Acting for a company."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain import acting, refusals
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id


@strawberry.input(description="For which company a token is wanted.")
class ActForInput:
    company_id: strawberry.ID = strawberry.field(description="A company's user id, as `User.represents` shows it.")


@strawberry.type(
    description="Send this token instead of one's own to act for the company; ask again when it has expired. Nothing "
    "refreshes it. A fresh proof (confirmIdentity) is given as oneself, before asking."
)
class ActingFor:
    company: User = strawberry.field(description="The company that the token acts for.")
    access_token: str = strawberry.field(description="Send it as 'Authorization: Bearer …'.")
    expires_in: int = strawberry.field(description="Seconds that the access token is good for.")
    scope: str = strawberry.field(description="What it is good for: what the company does here, by one's powers.")


@strawberry.type
class ActForMutation:
    @mutation(
        refusals.RepresentationNotFound,
        refusals.RepresentativeNotEligible,
        refusals.IdentityNotVerified,
        refusals.AccountSuspended,
        refusals.SessionEnded,
        description="Take a token with which to act for a company that one represents; written down.",
        directives=[ONCE],
    )
    async def act_for(self, info: Info, input: ActForInput) -> ActingFor:
        begun = await acting.act_for(info.context.services, require_id(input.company_id), actor=info.context.identity)
        return ActingFor(
            company=User.from_model(begun.company, own=True),
            access_token=begun.token.access_token,
            expires_in=begun.token.expires_in,
            scope=" ".join(begun.token.scopes),
        )
