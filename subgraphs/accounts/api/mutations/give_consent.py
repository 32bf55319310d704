"""Agreeing to a text."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.consent import Consent, ConsentInput
from subgraphs.accounts.domain import consenting, refusals
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="Which text the person has read and agrees to.")
class GiveConsentInput(ConsentInput):
    pass


@strawberry.type(description="It is agreed to, now or before.")
class ConsentGiven:
    consent: Consent = strawberry.field(description="Where the person stands with it.")


@strawberry.type
class GiveConsentMutation:
    @mutation(
        refusals.ConsentTextNotInForce,
        refusals.SessionEnded,
        description="Agree to a text that is in force, or laid down for a day to come; for oneself, or for the company "
        "that one administers and acts for. The same again changes nothing.",
    )
    async def give_consent(self, info: Info, input: GiveConsentInput) -> ConsentGiven:
        stand = await consenting.give_consent(info.context.services, input.to_command(), actor=info.context.identity)
        return ConsentGiven(consent=Consent.of(stand))
