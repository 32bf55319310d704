"""Changing what one is called, where one is reached, and what one does."""

import strawberry

from subgraphs.accounts.api.context import Info
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.api.types.vocabulary import Profile
from subgraphs.accounts.domain import accounts, personal_data, refusals
from subgraphs.accounts.schemas.commands import UpdateProfile
from subgraphs.shared.graphql.mutation import mutation


@strawberry.input(description="What is left out stays as it is.")
class UpdateProfileInput:
    display_name: str | None = strawberry.field(default=None, description="How others see this person.")
    phone: str | None = strawberry.field(
        default=None, description="A new number counts once the code sent to it is confirmed."
    )
    profiles: list[Profile] | None = strawberry.field(
        default=None, description="All that one wants to be from now on: farmer, investor, or both."
    )

    def to_command(self) -> UpdateProfile:
        """Refuses with InvalidInput."""
        return UpdateProfile(
            display_name=None
            if self.display_name is None
            else personal_data.read_name(
                self.display_name,
                field="displayName",
                characters_max=personal_data.DISPLAY_NAME_CHARACTERS_MAX,
            ),
            phone=None if self.phone is None else personal_data.read_phone(self.phone),
            profiles=None if self.profiles is None else personal_data.read_profiles(self.profiles),
        )


@strawberry.type(description="The profile is as asked. New profiles are in tokens from the next refresh on.")
class ProfileUpdated:
    user: User = strawberry.field(description="The person or company as they are now.")


@strawberry.type
class UpdateProfileMutation:
    @mutation(
        refusals.AccountHasOpenBusiness,
        refusals.SessionEnded,
        refusals.TooManyAttempts,
        description="Change display name, phone or profiles.",
    )
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> ProfileUpdated:
        row = await accounts.update_profile(info.context.services, input.to_command(), actor=info.context.identity)
        return ProfileUpdated(user=User.from_model(row))
