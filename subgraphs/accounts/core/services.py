"""What accounts' resolvers, routes, reactions and jobs work with."""

from dataclasses import dataclass

from subgraphs.accounts.core.settings import AccountsSettings
from subgraphs.accounts.domain.passwords import Passwords
from subgraphs.accounts.domain.signing_keys import KeyRing
from subgraphs.accounts.ports.identity_verifier import IdentityVerifier
from subgraphs.accounts.ports.messenger import Messenger
from subgraphs.accounts.ports.screener import Screener
from subgraphs.shared.clock import Clock
from subgraphs.shared.database import Database
from subgraphs.shared.identity import KeySet
from subgraphs.shared.vault import Vault


@dataclass(frozen=True)
class Services:
    settings: AccountsSettings
    database: Database
    clock: Clock
    vault: Vault
    passwords: Passwords
    key_ring: KeyRing
    messenger: Messenger
    identity_verifier: IdentityVerifier
    screener: Screener

    async def key_source(self) -> KeySet:
        """The public keys, for `TokenVerifier`s of the same process: no request to ourselves."""
        return await self.key_ring.key_set()

    async def close(self) -> None:
        """Let go of the database and the threads."""
        await self.passwords.close()
        await self.database.close()
