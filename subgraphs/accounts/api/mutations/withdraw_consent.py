"""Agreeing to a text no more."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.consent import PURPOSE, Consent
from subgraphs.accounts.api.types.vocabulary import ConsentPurpose
from subgraphs.accounts.domain import consenting, refusals
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="What is agreed to no more.")
class WithdrawConsentInput:
    purpose: ConsentPurpose = strawberry.field(description=PURPOSE)


@strawberry.type(description="It is agreed to no more.")
class ConsentWithdrawn:
    consent: Consent = strawberry.field(description="Where the person stands with it.")
    leads_to: str = strawberry.field(description="What follows from it, to show to the person, in Portuguese.")
    leads_to_english: str = strawberry.field(description="The same in English.")


@strawberry.type
class WithdrawConsentMutation:
    @mutation(
        refusals.ConsentNeeded,
        refusals.SessionEnded,
        description="Take back having agreed to a text. What was done meanwhile stays right; the answer says what "
        "follows. Of what was never agreed to nothing changes.",
    )
    async def withdraw_consent(self, info: Info, input: WithdrawConsentInput) -> ConsentWithdrawn:
        stand = await consenting.withdraw_consent(info.context.services, input.purpose, actor=info.context.identity)
        leads_to = consenting.LEADS_TO[input.purpose]
        return ConsentWithdrawn(consent=Consent.of(stand), leads_to=leads_to.pt, leads_to_english=leads_to.en)
