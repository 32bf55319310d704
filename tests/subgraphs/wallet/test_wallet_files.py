"""Statement and transfers as files: the same cents as the graph, the right name and type, for whom they are."""

import csv
import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.shared.exports.download import Printer
from subgraphs.shared.turns import LineFull
from subgraphs.wallet.api.messages import STATEMENT_LINES, TRANSFER_LINES
from subgraphs.wallet.api.types.statement import StatementKind
from subgraphs.wallet.crud import exports
from subgraphs.wallet.models import TransferKind
from subgraphs.wallet.schemas import heard
from tests.builders.pdf import text_of
from tests.subgraphs.wallet.conftest import Served
from tests.subgraphs.wallet.staff_pairs import reverse
from tests.subgraphs.wallet.test_wallet_looks import looks
from tests.subgraphs.wallet.wallet_world import ANA, CARLOS, MARINA, WalletWorld, number

PATHS = """query($user: [_Any!]!, $from: Date, $to: Date, $kinds: [StatementKind!]) {
  _entities(representations: $user) { ... on User { wallet {
    statement(from: $from, to: $to, kinds: $kinds, first: 100) {
      csvPath pdfPath nodes { amount { amount } balanceAfter { amount } reference description } } } } } }"""
TRANSFERS = """query($filter: LedgerTransferFilter) {
  ledgerTransfers(filter: $filter, first: 100) { csvPath pdfPath nodes { id entries { side amount { amount } } } } }"""
ADMIN = ("admin",)


@dataclass
class File:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def rows(self) -> list[list[str]]:
        """Of a CSV, without its titles."""
        return list(csv.reader(io.StringIO(self.body.decode("utf-8-sig"), newline=""), delimiter=";"))[1:]


async def get(world: WalletWorld, served: Served, path: str, who: uuid.UUID | None = MARINA, *scopes: str) -> File:
    headers = {} if who is None else world.tokens.bearer(who, *scopes)
    async with served.client.get(served.url + path, headers=headers) as response:
        return File(response.status, await response.read(), {k.lower(): v for k, v in response.headers.items()})


async def three_days(world: WalletWorld) -> None:
    """A deposit on the 23rd, a hold on the 24th late in the evening, its release on the 25th."""
    await world.person_with(MARINA, 1_500_25)
    world.clock.advance(days=1, hours=14)  # 23:00 in Brasília, 02:00 of the 25th in UTC
    await world.request_investment(MARINA, 200_00, investment=number(0x101))
    world.clock.advance(hours=2)
    await world.tell(heard.InvestmentCancelled(investment_id=number(0x101)))


async def statement(world: WalletWorld, **arguments: Any) -> Any:
    user = [{"__typename": "User", "id": str(MARINA)}]
    data = await world.get(PATHS, MARINA, user=user, **arguments)
    return data["_entities"][0]["wallet"]["statement"]


def cents(text: str) -> int:
    return int(Decimal(text.replace(".", "").replace(",", ".")) * 100)


async def test_the_csv_has_what_the_graph_has_oldest_first(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    shown = await statement(world)
    file = await get(world, served, shown["csvPath"])
    assert (file.status, file.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert file.headers["content-disposition"] == 'attachment; filename="extrato.csv"'
    assert (file.headers["cache-control"], file.headers["x-content-type-options"]) == ("private, no-store", "nosniff")
    deposit = shown["nodes"][2]["reference"]
    assert file.body.decode() == (
        "\ufeffData e hora;Descrição;Valor (R$);Saldo (R$);Referência\r\n"
        f"23/11/2026 09:00:00;Depósito por Pix;1500,25;1500,25;{deposit}\r\n"
        f"24/11/2026 23:00:00;Reserva para investimento;-200,00;1300,25;{number(0x101)}\r\n"
        f"25/11/2026 01:00:00;Reserva de investimento devolvida;200,00;1500,25;{number(0x101)}\r\n"
    )


async def test_the_pdf_says_whose_it_is_and_both_ends(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    await world.verify_identity(MARINA, "52998224725", "Marina Conceição")
    path = (await statement(world, **{"from": "2026-11-24"}))["pdfPath"]
    file = await get(world, served, path)
    assert (file.status, file.headers["content-type"]) == (200, "application/pdf")
    assert file.headers["content-disposition"] == 'attachment; filename="extrato-de-2026-11-24.pdf"'
    texts = text_of(file.body)
    assert texts[:16] == [
        "Extrato da carteira",
        "Titular",
        "Marina Conceição",
        "CPF",
        "529.982.247-25",
        "Período",
        "de 24/11/2026 até hoje",
        "Saldo no início",
        "R$ 1.500,25",
        "Entradas",
        "R$ 200,00",
        "Saídas",
        "-R$ 200,00",
        "Saldo no fim",
        "R$ 1.500,25",
        "Lançamentos",
    ]
    assert texts[21:31] == [
        "24/11/2026 23:00:00",
        "Reserva para investimento",
        "-200,00",
        "1.300,25",
        str(number(0x101)),
        "25/11/2026 01:00:00",
        "Reserva de investimento devolvida",
        "200,00",
        "1.500,25",
        str(number(0x101)),
    ]
    assert texts[-2:] == ["Emitido em 25/11/2026 01:00 (horário de Brasília)", "Página 1 de 1"]


@pytest.mark.parametrize(
    ("arguments", "amounts"),
    [
        ({"from": "2026-11-24"}, [-200_00, 200_00]),
        ({"to": "2026-11-24"}, [1500_25, -200_00]),
        ({"from": "2026-11-24", "to": "2026-11-24"}, [-200_00]),
        ({"from": "2026-11-26"}, []),
        ({"kinds": ["DEPOSIT", "HOLD_RELEASE"]}, [1500_25, 200_00]),
        ({"kinds": []}, []),
    ],
)
async def test_a_file_has_the_days_and_kinds_of_its_list(
    world: WalletWorld, served: Served, arguments: Any, amounts: list[int]
) -> None:
    await three_days(world)
    shown = await statement(world, **arguments)
    assert [cents(row[2]) for row in (await get(world, served, shown["csvPath"])).rows] == amounts
    assert [int(Decimal(node["amount"]["amount"]) * 100) for node in shown["nodes"]] == amounts[::-1]


async def test_days_without_movements_have_their_balance(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    expected = {"2026-11-26": "R$ 1.500,25", "2026-11-25": "R$ 1.300,25", "2026-11-23": "R$ 0,00"}
    for day, opening in expected.items():
        path = (await statement(world, **{"from": day, "to": day}))["pdfPath"]
        texts = text_of((await get(world, served, path)).body)
        assert texts[texts.index("Saldo no início") + 1] == opening, day
        assert ("Nenhum lançamento no período." in texts) == (day == "2026-11-26")


async def test_chosen_kinds_have_no_balance_at_their_ends(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    texts = text_of((await get(world, served, (await statement(world, kinds=["DEPOSIT"]))["pdfPath"])).body)
    assert "Saldo no início" not in texts
    assert "só dos tipos escolhidos" in texts
    assert "identidade ainda não verificada" in texts


async def test_a_name_that_cannot_be_asked_for_is_said_so_and_csv_needs_none(
    world: WalletWorld, served: Served
) -> None:
    await three_days(world)
    world.people.away = True
    shown = await statement(world)
    refused = await get(world, served, shown["pdfPath"])
    assert (refused.status, b'"code":"SERVICE_UNAVAILABLE"' in refused.body) == (503, True)
    assert (await get(world, served, shown["csvPath"])).status == 200


async def test_a_statement_is_its_owners_alone(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    path = (await statement(world))["csvPath"]
    refused = await get(world, served, path, None)
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    for who, scopes in ((CARLOS, ()), (ANA, ADMIN)):
        assert (await get(world, served, path, who, *scopes)).status == 404
    narrow = world.tokens.bearer(MARINA, scope="investor")
    async with served.client.get(served.url + path, headers=narrow) as response:
        assert response.status == 404
    assert await looks(world) == []


@pytest.mark.parametrize(
    "path", ["/wallet/statements/{}.xlsx", "/wallet/statements/nothing.csv", "/wallet/transfers.x"]
)
async def test_what_is_not_there_is_not_found(world: WalletWorld, served: Served, path: str) -> None:
    await world.open_wallets(MARINA)
    wallet = await world.scalar("SELECT id FROM wallets")
    assert (await get(world, served, path.format(wallet), MARINA, "signed_in", "admin")).status == 404


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("from=23/11/2026", "from"),
        ("to=2026-02-30", "to"),
        ("from=0001-01-01", "from"),
        ("to=9999-12-31", "to"),
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("kinds=DEPOSIT,GIFT", "kinds"),
        ("kinds=GATEWAY_SETTLEMENT", "kinds"),
        ("form=2026-11-23", None),
        ("from=2026-11-23&from=2026-11-24", None),
    ],
)
async def test_bad_parameters_are_told(world: WalletWorld, served: Served, query: str, named: str | None) -> None:
    await world.open_wallets(MARINA)
    wallet = await world.scalar("SELECT id FROM wallets")
    async with served.client.get(
        f"{served.url}/wallet/statements/{wallet}.csv?{query}", headers=world.tokens.bearer(MARINA)
    ) as response:
        body = await response.json()
    assert (response.status, body["code"], body.get("parameter")) == (400, "BAD_REQUEST", named)


async def test_more_rows_than_a_file_may_have_are_refused(
    world: WalletWorld, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_days(world)
    monkeypatch.setattr(world.services.settings, "export_pdf_rows_max", 2)
    monkeypatch.setattr(world.services.settings, "export_csv_rows_max", 3)
    shown = await statement(world)
    async with served.client.get(served.url + shown["pdfPath"], headers=world.tokens.bearer(MARINA)) as response:
        assert (response.status, await response.json()) == (
            400,
            {
                "code": "TOO_MANY_ROWS",
                "message": "São mais de 2 linhas. Escolha um período menor.",
                "messageEnglish": "These are more than 2 rows. Choose a shorter time (`from`, `to`).",
                "rowsMax": 2,
            },
        )
    assert (await get(world, served, shown["csvPath"])).status == 200


async def test_rows_are_read_in_parts_and_none_is_lost(
    world: WalletWorld, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PART", 2)
    await world.open_wallets(MARINA)
    for amount in range(1, 6):
        await world.deposit(MARINA, amount * 100)
    rows = (await get(world, served, (await statement(world))["csvPath"])).rows
    assert [(cents(row[2]), cents(row[3])) for row in rows] == [
        (100, 100), (200, 300), (300, 600), (400, 1000), (500, 1500),
    ]  # fmt: skip
    rows = (await get(world, served, "/wallet/transfers.csv?kinds=DEPOSIT", ANA, *ADMIN)).rows
    assert [cents(row[5] or "0") for row in rows] == [100, 0, 200, 0, 300, 0, 400, 0, 500, 0]


# ── transfers ──


async def test_transfers_have_a_row_for_each_entry(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    kinds = ["DEPOSIT", "HOLD", "HOLD_RELEASE"]
    shown = (await world.get(TRANSFERS, ANA, *ADMIN, filter={"kinds": kinds}))["ledgerTransfers"]
    file = await get(world, served, shown["csvPath"], ANA, *ADMIN)
    assert file.headers["content-disposition"] == 'attachment; filename="transferencias.csv"'
    ids = [node["id"] for node in shown["nodes"]][::-1]
    deposit, hers = file.rows[0][7], f"available:{MARINA}"
    assert file.rows == [
        ["23/11/2026 09:00:00", "DEPOSIT", "Depósito por Pix", ids[0], "gateway", "1500,25", "", deposit, ""],
        ["23/11/2026 09:00:00", "DEPOSIT", "Depósito por Pix", ids[0], hers, "", "1500,25", deposit, ""],
        *(
            ["24/11/2026 23:00:00", "HOLD", "Reserva para investimento", ids[1], *ends, str(number(0x101)), ""]
            for ends in ([hers, "200,00", ""], [f"held:{MARINA}", "", "200,00"])
        ),
        *(
            ["25/11/2026 01:00:00", "HOLD_RELEASE", "Reserva de investimento devolvida", ids[2], *ends,
             str(number(0x101)), ""]
            for ends in ([f"held:{MARINA}", "200,00", ""], [hers, "", "200,00"])
        ),
    ]  # fmt: skip


async def test_the_transfers_pdf_has_their_sums(world: WalletWorld, served: Served) -> None:
    await three_days(world)
    path = (await world.get(TRANSFERS, ANA, *ADMIN, filter={"kinds": ["HOLD", "HOLD_RELEASE"]}))["ledgerTransfers"]
    file = await get(world, served, path["pdfPath"], ANA, *ADMIN)
    texts = text_of(file.body)
    assert texts[:9] == [
        "Transferências",
        "Período",
        "do início até hoje",
        "Tipos",
        "HOLD,HOLD_RELEASE",
        "Transferências",
        "2",
        "Débitos e créditos",
        "400,00 e 400,00",
    ]
    assert texts[texts.index("Soma") :][:3] == ["Soma", "400,00", "400,00"]
    assert f"available:{MARINA}" in texts


@pytest.mark.parametrize(
    ("filter_", "kinds"),
    [
        ({"kinds": ["HOLD"]}, ["HOLD"]),
        ({"from": "2026-11-25"}, ["HOLD_RELEASE"]),
        ({"to": "2026-11-23"}, ["DEPOSIT", "GATEWAY_SETTLEMENT"]),
        ({"userId": str(CARLOS)}, []),
        ({"reference": str(number(0x101))}, ["HOLD", "HOLD_RELEASE"]),
    ],
)
async def test_a_file_has_the_filter_of_its_list(
    world: WalletWorld, served: Served, filter_: Any, kinds: list[str]
) -> None:
    await three_days(world)
    path = (await world.get(TRANSFERS, ANA, *ADMIN, filter=filter_))["ledgerTransfers"]["csvPath"]
    rows = (await get(world, served, path, ANA, *ADMIN)).rows
    assert [row[1] for row in rows[::2]] == kinds


async def test_a_reversal_names_what_it_undoes(world: WalletWorld, served: Served) -> None:
    await world.person_with(MARINA, 100_00)
    deposit = await world.scalar("SELECT id FROM ledger_transfers")
    settled = await world.scalar("SELECT id FROM ledger_transfers WHERE kind = 'GATEWAY_SETTLEMENT'")
    await reverse(world, deposit)
    rows = (await get(world, served, "/wallet/transfers.csv?kinds=REVERSAL", ANA, *ADMIN)).rows
    assert [row[8] for row in rows] == [str(deposit)] * 2 + [str(settled)] * 2


async def test_whose_transfers_a_file_shows_is_written_down(world: WalletWorld, served: Served) -> None:
    await world.person_with(MARINA, 100_00)
    await world.person_with(CARLOS, 50_00)
    await get(world, served, "/wallet/transfers.csv", ANA, *ADMIN)
    assert await looks(world) == [(ANA, MARINA, "MONEY"), (ANA, CARLOS, "MONEY")]
    await get(world, served, f"/wallet/transfers.csv?userId={CARLOS}&kinds=REVERSAL", ANA, *ADMIN)
    assert (await looks(world))[2:] == [(ANA, CARLOS, "MONEY")]


@pytest.mark.parametrize(("who", "scopes", "status"), [(None, (), 401), (ANA, ("analyst",), 403), (MARINA, (), 403)])
async def test_transfers_are_for_administrators(
    world: WalletWorld, served: Served, who: uuid.UUID | None, scopes: tuple[str, ...], status: int
) -> None:
    await world.person_with(MARINA, 100_00)
    assert (await get(world, served, "/wallet/transfers.csv", who, *scopes)).status == status
    assert await looks(world) == []


@pytest.mark.parametrize("kind", ["statement", "transfers"])
async def test_who_waits_in_too_long_a_line_is_told_at_once(
    world: WalletWorld, served: Served, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await three_days(world)
    path = (await statement(world))["csvPath"] if kind == "statement" else "/wallet/transfers.csv"

    def full(_printer: object, _actor: object) -> None:
        raise LineFull("20 wait for files being made")

    monkeypatch.setattr(Printer, "turn", full)
    file = await get(world, served, path, *((MARINA,) if kind == "statement" else (ANA, *ADMIN)))
    assert (file.status, b'"code":"SERVICE_UNAVAILABLE"' in file.body) == (503, True)


def test_every_kind_has_its_words() -> None:
    assert set(TRANSFER_LINES) == set(TransferKind)
    assert set(STATEMENT_LINES) == {kind.transfer_kind for kind in StatementKind}
