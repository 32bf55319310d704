"""
`me`: the person whose token this is, whom every domain names without asking accounts.

All answer alike: the token says who it is, and the door has refused whoever is suspended or has left
(`shared/standing`). So a plan begins where the wanted fields are.
"""

from typing import Any

import strawberry

from subgraphs.shared.graphql.context import Info

ME = "The person whose token this is."


def me_field(user: type[Any]) -> Any:
    """The root field of a domain that adds to people what *user* has."""

    def me(info: Info) -> Any:
        return user(id=strawberry.ID(str(info.context.require().user_id)))

    me.__annotations__["return"] = user | None
    return strawberry.federation.field(resolver=me, shareable=True, description=ME)
