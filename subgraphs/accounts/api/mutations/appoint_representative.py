"""Letting somebody else act for a company."""

from datetime import date

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.representation import Representation
from subgraphs.accounts.api.types.vocabulary import Power
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import refusals, representatives
from subgraphs.accounts.schemas.commands import AppointRepresentative
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.graphql.scalars import require_id
from subgraphs.shared.refusal import FreshProofRequired, InvalidInput


@strawberry.input(description="Who may act for the company that one acts for.")
class AppointRepresentativeInput:
    user_id: strawberry.ID = strawberry.field(description="A person with a verified identity, who says their `me.id`.")
    powers: list[Power] = strawberry.field(description="One power at least.")
    valid_from: date | None = strawberry.field(default=None, description="A day in Brasília; today when left out.")
    valid_until: date | None = strawberry.field(default=None, description="The last day; without an end when left out.")

    def to_command(self, services: Services) -> AppointRepresentative:
        """Refuses with InvalidInput."""
        powers = tuple(power for power in Power if power in self.powers)
        if not powers:
            raise InvalidInput(
                field="powers", reason="name at least one power", reason_pt="Escolha pelo menos um poder."
            )
        return AppointRepresentative(
            person_id=require_id(self.user_id),
            powers=powers,
            valid_from=self.valid_from or business_date(services.clock.now()),
            valid_until=self.valid_until,
        )


@strawberry.type(description="All the company's representatives are told, with a link that takes it back.")
class RepresentativeAppointed:
    representation: Representation = strawberry.field(description="The one that was made.")


@strawberry.type
class AppointRepresentativeMutation:
    @mutation(
        refusals.RepresentationNotFound,
        refusals.RepresentativeNotEligible,
        refusals.RepresentativeAlreadyAppointed,
        FreshProofRequired,
        description="Let somebody else act for the company, too. Asked with a token that acts for it, by who "
        "administers it, after a fresh proof.",
    )
    async def appoint_representative(self, info: Info, input: AppointRepresentativeInput) -> RepresentativeAppointed:
        services = info.context.services
        row = await representatives.appoint_representative(
            services, input.to_command(services), actor=info.context.identity
        )
        return RepresentativeAppointed(representation=Representation.from_model(row))
