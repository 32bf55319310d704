"""`make books KEEP=file` and `SINCE=file`: a signed digest, kept elsewhere, to which the ledger is held later."""

import json
from pathlib import Path

import asyncpg

from subgraphs.wallet.domain.places import BooksKey, read_digest
from tests.subgraphs.wallet.conftest import BOOKS_SECRET
from tests.subgraphs.wallet.tampering import tamper
from tests.subgraphs.wallet.test_books import run
from tests.subgraphs.wallet.wallet_world import CARLOS, MARINA, WalletWorld

SETTINGS = {
    "WALLET_WEBHOOK_SECRET": "a-secret-that-only-the-gateway-knows",
    "WALLET_SEALING_SECRET": "only-for-these-tests",
    "WALLET_PEOPLE_SECRET": "nobody-else-knows-this",
    "WALLET_BOOKS_SECRET": BOOKS_SECRET,
}
NO_KEY = (
    "There is no key to sign or verify a digest with: set WALLET_BOOKS_SECRET, with the wallet's other settings "
    "(`make books` does it for a local run).\n"
)


async def books(world: WalletWorld, *arguments: object, **changes: str) -> tuple[int, str, str]:
    return await run(world, "subgraphs.wallet.books", *map(str, arguments), **SETTINGS | changes)


async def test_a_digest_is_kept_and_the_ledger_goes_on_from_it(
    world: WalletWorld, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "digest.json"
    await world.person_with(MARINA, 100_00)
    code, out, err = await books(world, "--keep", file)
    place, key = read_digest(file.read_text()), BooksKey(BOOKS_SECRET)
    key.verify(place)
    assert (code, err) == (0, "")
    assert out == (
        f"4 entries: the books balance\ndigest of all chains: {place.digest}\n"
        f"signed digest 1 is in {file}, by the key {key.name}\n"
    )
    kept = "SELECT since, entries, problems FROM books_checks"
    assert await world.rows(kept) == [(None, 4, [])]

    await world.person_with(CARLOS, 50_00)
    code, out, err = await books(world, "--since", file)
    day = f"{place.verified_at:%Y-%m-%d %H:%M} UTC"
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"8 entries, of which 4 came since {day} (digest 1): the books balance"
    assert len(await world.rows(kept)) == 1

    again = await books(world, "--keep", file)
    assert again == (1, "", f"{file} is there already: name another file, an older digest may be of use yet\n")
    await tamper(owner, "ledger_entries", "UPDATE ledger_entries SET amount_minor = 1 WHERE amount_minor = 5000")
    code, out, _ = await books(world, "--since", file)
    assert (code, out.splitlines()[0]) == (
        1,
        f"8 entries, of which 4 came since {day} (digest 1): 8 problems",
    )
    code, _, err = await books(world, "--keep", tmp_path / "another.json")
    assert code == 1
    assert err.endswith("is not written: only books that balance, looked at as a whole, are signed\n")
    assert not (tmp_path / "another.json").exists()


async def test_without_a_key_nothing_is_signed_or_verified(world: WalletWorld, tmp_path: Path) -> None:
    file = tmp_path / "digest.json"
    for option in ("--keep", "--since"):
        assert await books(world, option, file, WALLET_BOOKS_SECRET="") == (1, "", NO_KEY)


async def test_a_file_that_is_no_digest_of_this_ledger_is_said_to_be_none(world: WalletWorld, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.json"
    code, out, err = await books(world, "--since", missing)
    assert (code, out, err) == (1, "", f"{missing}: No such file or directory\n")
    other = tmp_path / "other.json"
    other.write_text("hello")
    code, out, err = await books(world, "--since", other)
    assert (code, out) == (1, "")
    assert err == "the file is no digest of the books as `make books KEEP=file` writes it\n"


async def test_a_digest_that_was_edited_or_signed_by_others_is_refused(world: WalletWorld, tmp_path: Path) -> None:
    file = tmp_path / "digest.json"
    await world.person_with(MARINA, 100_00)
    assert (await books(world, "--keep", file))[0] == 0
    code, _, err = await books(
        world, "--since", file, WALLET_BOOKS_SECRET="of somebody else who signs as well as we do"
    )
    assert code == 1
    assert err.startswith(
        f"verified place 1 is signed by the key {BooksKey(BOOKS_SECRET).name[:16]}…, and not by ours, "
    )
    file.write_text(json.dumps(json.loads(file.read_text()) | {"entries": 5}))
    code, _, err = await books(world, "--since", file)
    assert (code, err) == (1, "verified place 1 is not as it was signed: somebody has changed it\n")
