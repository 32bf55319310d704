"""What a person sees while the product starts."""

import time

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:5.1f} s] {text}", flush=True)


def banner(*, base: str, database: str, broker: str, people: list[tuple[str, str, str]]) -> str:
    """The words printed once everything is up."""
    width = max(len(email) for email, _, _ in people)
    lines = [
        "",
        "  Peerseed is up.",
        f"    GraphQL    {base}/graphql",
        f"    GraphiQL   {base}/graphiql",
        f"    database   {database}",
        f"    broker     {broker}",
        "    sign in with",
        *(f"      {email:<{width}}  {password}  ({about})" for email, password, about in people),
        "",
        "  Ctrl-C stops everything; the data stays.",
        "",
    ]
    return "\n".join(lines)
