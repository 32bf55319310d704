"""The books of a world, checked as a whole or from the last verified place on."""

from subgraphs.wallet.domain import books
from subgraphs.wallet.domain.places import BooksKey
from tests.subgraphs.wallet.conftest import BOOKS_SECRET
from tests.subgraphs.wallet.wallet_world import WalletWorld

KEY = BooksKey(BOOKS_SECRET)


async def whole(world: WalletWorld, key: BooksKey | None = KEY) -> books.BooksReport:
    """Where they balance, *key* signs a place; None leaves none."""
    services = world.services
    return await books.check_books(
        services.database,
        now=world.clock.now(),
        gateway=services.gateway,
        tax_collector=services.tax_collector,
        sign_with=key,
    )


async def since(world: WalletWorld, key: BooksKey = KEY) -> books.BooksReport:
    """From the last place that *key* signed on, leaving none."""
    services = world.services
    return await books.check_since_last(
        services.database,
        key,
        now=world.clock.now(),
        gateway=services.gateway,
        tax_collector=services.tax_collector,
        keep=False,
    )
