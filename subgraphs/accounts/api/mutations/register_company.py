"""Opening an account for a company or cooperative."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.api.types.vocabulary import AccountKind, Profile
from subgraphs.accounts.domain import companies, personal_data, refusals
from subgraphs.accounts.schemas.commands import RegisterCompany
from subgraphs.shared import tax_ids
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.refusal import InvalidInput


@strawberry.input(description="The company or cooperative, which whoever asks represents.")
class RegisterCompanyInput:
    kind: AccountKind = strawberry.field(description="COMPANY or COOPERATIVE.")
    cnpj: str = strawberry.field(
        description="Numeric or alphanumeric, in either case, with or without dots, slash and hyphen."
    )
    legal_name: str = strawberry.field(description="Razão social, as the revenue service has it.")
    trade_name: str | None = strawberry.field(default=None, description="How others see it; the legal name otherwise.")
    profiles: list[Profile] = strawberry.field(description="What it wants to do: farmer, investor, or both.")

    def to_command(self) -> RegisterCompany:
        """Refuses with InvalidInput."""
        if self.kind is AccountKind.PERSON:
            raise InvalidInput(
                field="kind",
                reason="must be COMPANY or COOPERATIVE; people sign up with signUp",
                reason_pt="Escolha empresa ou cooperativa.",
            )
        return RegisterCompany(
            kind=self.kind,
            cnpj=tax_ids.read_cnpj(self.cnpj),
            legal_name=personal_data.read_company_name(self.legal_name, field="legalName"),
            trade_name=None
            if self.trade_name is None
            else personal_data.read_company_name(
                self.trade_name, field="tradeName", characters_max=personal_data.DISPLAY_NAME_CHARACTERS_MAX
            ),
            profiles=personal_data.read_profiles(self.profiles),
        )


@strawberry.type(description="The company has an account. Act for it (actFor) and have it verified next.")
class CompanyRegistered:
    company: User = strawberry.field(description="The company's account, new or already there.")


@strawberry.type
class RegisterCompanyMutation:
    @mutation(
        refusals.IdentityNotVerified,
        refusals.CompanyAlreadyRegistered,
        refusals.RepresentativeNotEligible,
        refusals.SessionEnded,
        description="Open an account for a company or cooperative; whoever asks is its first representative, with "
        "every power. The same again gives the company that is there.",
    )
    async def register_company(self, info: Info, input: RegisterCompanyInput) -> CompanyRegistered:
        row = await companies.register_company(info.context.services, input.to_command(), actor=info.context.identity)
        return CompanyRegistered(company=User.from_model(row, own=True))
