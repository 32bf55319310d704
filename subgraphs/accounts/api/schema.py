"""The accounts subgraph's schema."""

import strawberry

from subgraphs.accounts.api.errors import REFUSAL_TYPES
from subgraphs.accounts.api.messages import MESSAGES
from subgraphs.accounts.api.mutations.confirm_contact import ConfirmContactMutation
from subgraphs.accounts.api.mutations.refresh_token import RefreshTokenMutation
from subgraphs.accounts.api.mutations.resend_confirmation import ResendConfirmationMutation
from subgraphs.accounts.api.mutations.sign_in import SignInMutation
from subgraphs.accounts.api.mutations.sign_out import SignOutMutation
from subgraphs.accounts.api.mutations.sign_up import SignUpMutation
from subgraphs.accounts.api.queries import Query
from subgraphs.accounts.api.types.user import User
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation(
    SignUpMutation,
    ConfirmContactMutation,
    ResendConfirmationMutation,
    SignInMutation,
    RefreshTokenMutation,
    SignOutMutation,
):
    pass


PUBLIC_FIELDS = (
    "signUp",
    "confirmContact",
    "resendConfirmation",
    "signIn",
    "refreshToken",
    "requestPasswordReset",
    "resetPassword",
)
"""What somebody without a token may do."""

schema = make_schema(
    query=Query,
    mutation=Mutation,
    types=[User],
    refusal_types=REFUSAL_TYPES,
    refusal_messages=MESSAGES,
    public_fields=PUBLIC_FIELDS,
)
