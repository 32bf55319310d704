"""
Print a person's statement: `python -m subgraphs.wallet.statement USER_ID`; without one, the trial balance.

Reads the database that `WALLET_DATABASE_URL` names; changes nothing.
"""

import asyncio
import sys
from uuid import UUID

from subgraphs.wallet.core.command_line import open_database
from subgraphs.wallet.domain.refusals import WalletNotReady
from subgraphs.wallet.domain.statement import trial_balance, wallet_statement


async def main(arguments: list[str]) -> int:
    try:
        (user_id,) = (UUID(argument) for argument in arguments) if arguments else (None,)
    except ValueError:
        sys.stderr.write("usage: python -m subgraphs.wallet.statement [USER_ID]\n")
        return 2
    database = open_database()
    try:
        async with database.read() as session:
            sys.stdout.write(await (wallet_statement(session, user_id) if user_id else trial_balance(session)))
    except WalletNotReady:
        sys.stderr.write(f"user {user_id} has no wallet\n")
        return 1
    finally:
        await database.close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
