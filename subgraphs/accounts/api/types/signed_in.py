"""What signing in gives."""

import strawberry

from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain.access_tokens import Grant


@strawberry.type(description="A session has begun, or goes on.")
class SignedIn:
    access_token: str = strawberry.field(description="Send it as 'Authorization: Bearer …'.")
    refresh_token: str = strawberry.field(description="Good for one refresh; keep it where scripts cannot read it.")
    expires_in: int = strawberry.field(description="Seconds that the access token is good for.")
    token_type: str = strawberry.field(description="Always Bearer.")
    scope: str = strawberry.field(description="What the access token may be used for.")
    device_token: str | None = strawberry.field(
        description="Given at sign-in, not at a refresh. Keep it on the device, past the session, and send it with the "
        "next sign-in; it opens nothing by itself."
    )
    user: User = strawberry.field(description="Who has signed in.")

    @classmethod
    def from_grant(cls, grant: Grant) -> "SignedIn":
        return cls(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            expires_in=grant.expires_in,
            token_type="Bearer",  # noqa: S106  # a kind of token
            scope=" ".join(grant.scopes),
            device_token=grant.device_token,
            user=User.from_model(grant.user, own=True),
        )
