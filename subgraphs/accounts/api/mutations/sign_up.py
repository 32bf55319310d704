"""Opening an account."""

from datetime import date

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.origin import origin_of
from subgraphs.accounts.api.types.consent import ConsentInput, read_consents
from subgraphs.accounts.api.types.vocabulary import Profile
from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain import personal_data, refusals, registration
from subgraphs.accounts.schemas.commands import SignUp
from subgraphs.shared import tax_ids
from subgraphs.shared.clock import business_date
from subgraphs.shared.graphql.cost import ONCE
from subgraphs.shared.graphql.mutation import mutation
from subgraphs.shared.refusal import ConsentRequired


@strawberry.input(description="Who wants an account.")
class SignUpInput:
    name: str = strawberry.field(description="The full name, as in the documents.")
    email: str = strawberry.field(
        description="Where the account is confirmed; one account for each, at most 254 characters."
    )
    password: str = strawberry.field(
        description="At least 8 characters, with an upper-case letter, a digit and a special character."
    )
    birth_date: date = strawberry.field(description="Of an adult.")
    phone: str = strawberry.field(description="Brazilian mobile number: +5565999990001 or (65) 99999-0001.")
    cpf: str = strawberry.field(description="With or without dots and hyphen.")
    profiles: list[Profile] = strawberry.field(description="What the person wants to do: farmer, investor, or both.")
    consents: list[ConsentInput] = strawberry.field(
        default_factory=list,
        description="The texts that the person has read and agrees to, each purpose once. Those of `consentTexts` that "
        "are needed to sign up have to be among them; others may be, and can be agreed to later.",
    )

    def to_command(self, services: Services) -> SignUp:
        """Refuses with InvalidInput."""
        return SignUp(
            full_name=personal_data.read_name(self.name),
            email=personal_data.read_email(self.email),
            password=personal_data.read_new_password(
                self.password, characters_max=services.settings.password_characters_max, email=self.email
            ),
            birth_date=personal_data.read_birth_date(self.birth_date, today=business_date(services.clock.now())),
            phone=personal_data.read_phone(self.phone),
            cpf=tax_ids.read_cpf(self.cpf),
            profiles=personal_data.read_profiles(self.profiles),
            consents=read_consents(self.consents),
        )


@strawberry.type(
    description="The sign-up was taken. What happens next is told to the e-mail: a link to confirm it, or why no "
    "account was opened. The answer is the same in both cases, so that nobody learns who has an account."
)
class SignUpAccepted:
    email: str = strawberry.field(description="Where to look.")
    phone: str = strawberry.field(description="Where a code goes, if an account was opened; its last digits.")


@strawberry.type
class SignUpMutation:
    @mutation(
        ConsentRequired,
        refusals.ConsentTextNotInForce,
        refusals.TooManyAttempts,
        description="Open an account. It can be used once its e-mail or phone is confirmed.",
        directives=[ONCE],
    )
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpAccepted:
        services = info.context.services
        command = input.to_command(services)
        await registration.sign_up(services, command, origin=origin_of(info.context))
        return SignUpAccepted(email=command.email, phone=personal_data.mask_phone(command.phone))
