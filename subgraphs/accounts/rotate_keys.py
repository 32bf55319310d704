"""
Replace the key that signs access tokens: `python -m subgraphs.accounts.rotate_keys`.

Nobody notices: the new key is published now and signs after `ACCOUNTS_SIGNING_KEY_LEAD_SECONDS`; the old one stays
published until its last token has expired. `--withdraw KID` instead unpublishes a key at once, because somebody else
has it; tokens that it signed are then refused within seconds, by every subgraph and by the router.
"""

import argparse
import asyncio
import sys

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.main import create_services
from subgraphs.shared.clock import Clock
from subgraphs.shared.open_clock import open_clock


async def rotate(settings: AccountsSettings, *, withdraw: str | None = None, clock: Clock | None = None) -> str:
    """What was done, in a sentence."""
    services = create_services(settings, clock=clock or open_clock())
    try:
        if withdraw is not None:
            done = await services.key_ring.withdraw(withdraw)
            return f"withdrew {withdraw}; a new key signs from now on" if done else f"there is no key {withdraw}"
        key = await services.key_ring.rotate()
        return f"{key.id} is published and signs from {key.signs_from.isoformat(timespec='seconds')}"
    finally:
        await services.close()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--withdraw", metavar="KID", help="unpublish this key at once")
    options = parser.parse_args(arguments)
    settings = AccountsSettings()
    print(asyncio.run(rotate(settings, withdraw=options.withdraw)))  # noqa: T201  # a command's answer


if __name__ == "__main__":
    main(sys.argv[1:])
