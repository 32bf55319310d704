"""The income statement on paper: a page a year, to the cent what the graph says, for whom it is."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from pydantic import ValidationError

from subgraphs.distribution.api.papers import NOTES
from subgraphs.distribution.core.settings import DistributionSettings
from subgraphs.distribution.crud import income
from subgraphs.shared.http import create_http_app
from subgraphs.shared.people import Person
from tests.builders.pdf import pages_of, text_of
from tests.builders.serving import served
from tests.subgraphs.distribution.register import (
    ADMINISTRATOR,
    ANALYST,
    CARLOS,
    CPR,
    MARINA,
    PAID_AT,
    REGRESSIVE,
    STRANGER,
    Register,
    activated,
    payment,
    swapped,
)
from tests.subgraphs.distribution.test_income_statement import credit

PATH = """query ($r: [_Any!]!) { _entities(representations: $r) { ... on User {
  incomeStatement(year: 2026) { pdfPath } } } }"""
CNPJ = "12ABC34501DE35"


@pytest_asyncio.fixture
async def address(register: Register) -> AsyncIterator[str]:
    register.people.people[MARINA] = Person(full_name="Marina Conceição", cpf="52998224725")
    async with served(lambda _: create_http_app(register.subgraph)) as address:
        yield address


async def get(register: Register, url: str, who: uuid.UUID | None, *scopes: str) -> tuple[int, bytes, Any]:
    headers = {} if who is None else register.signed_in(who, *scopes)
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def paper(register: Register, address: str, year: int = 2026, who: uuid.UUID = MARINA, *scopes: str) -> list[str]:
    url = f"{address}/distribution/income-statements/{MARINA}/{year}.pdf"
    status, content, _ = await get(register, url, who, *scopes)
    assert status == 200
    assert len(pages_of(content)) == 1
    return text_of(content)


async def a_year(register: Register) -> None:
    """
    Of ten quotas Marina has sold two, which had cost R$ 100.00 of what is still to come. Then one payment is exempt and
    one is not.
    """
    await register.deliver(activated((40_000, 10_000), (30_000, 5_000), (30_000, 1_000)))
    await register.hold((MARINA, 10))
    sold = swapped(1, 2, cost_minor=10_000, tax_minor=1_982, swapped_at=PAID_AT)
    await register.deliver(sold, payment(50_000, 1, swaps_before=1))
    await register.sql(REGRESSIVE)
    await register.deliver(payment(35_000, 2, swaps_before=1))
    await credit(register, PAID_AT)


async def test_the_paper_says_to_the_cent_what_the_graph_says(register: Register, address: str) -> None:
    await a_year(register)
    register.clock.advance(days=30)
    texts = await paper(register, address)
    assert texts == [
        "Informe de Rendimentos Financeiros – 2026",
        *("Fonte pagadora", "Peerseed", "CNPJ", "não informado"),
        *("Beneficiário", "Marina Conceição", "CPF", "529.982.247-25"),
        *("Ano-calendário", "2026"),
        "1. Rendimentos de CPR",
        *("Quadro", "Valor (R$)"),
        *("Rendimentos isentos e não tributáveis: juros", "80,00"),
        *("Rendimentos sujeitos à tributação exclusiva na fonte: juros", "40,00"),
        *("Imposto de renda retido na fonte sobre juros", "9,00"),
        *("Taxa de performance, descontada dos juros", "18,00"),
        *("Principal devolvido (não é rendimento)", "560,00"),
        *("Líquido creditado na carteira", "653,00"),
        "2. Venda de cotas no mercado secundário",
        *("CPR", "Cotas", "Preço", "Custo", "Taxa", "Ganho", "IR retido", "Líquido"),
        *(str(CPR), "2", "190,00", "100,00", "1,90", "88,10", "19,82", "168,28"),
        *("Soma", "2", "190,00", "100,00", "1,90", "88,10", "19,82", "168,28"),
        "3. Bens e direitos: saldos e rendimentos por CPR",
        *("CPR", "Créditos", "Saldo 31/12/2025", "Saldo 31/12/2026", "Principal", "Juros", "Isentos", "Taxa"),
        *("IR retido", "Líquido"),
        *(str(CPR), "2", "0,00", "240,00", "560,00", "120,00", "80,00", "18,00", "9,00", "653,00"),
        *("Soma", "2", "0,00", "240,00", "560,00", "120,00", "80,00", "18,00", "9,00", "653,00"),
        *NOTES,
        "Emitido em 22/01/2027 09:00 (horário de Brasília)",
        "Página 1 de 1",
    ]


async def test_a_paper_is_of_one_moment(register: Register, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await register.deliver(activated((50_000, 1_000), (50_000, 1_000)))
    await register.hold((MARINA, 10))
    before = await paper(register, address)

    async def list_later(*arguments: Any) -> Any:
        patched.undo()
        await register.deliver(payment(51_000, 1))
        await credit(register, PAID_AT)
        return await income.list_balances(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(income, "list_balances", list_later)
        assert await paper(register, address) == before
    assert await paper(register, address) != before


async def test_a_year_under_way_says_so(register: Register, address: str) -> None:
    await a_year(register)
    texts = await paper(register, address)
    assert "2026 (parcial, até 23/12/2026)" in texts
    assert "Saldo 23/12/2026" in texts


async def test_a_year_without_income_is_a_page_too(register: Register, address: str) -> None:
    texts = await paper(register, address, 2025)
    assert ("Nenhuma venda no ano." in texts, "Nenhuma CPR no ano." in texts) == (True, True)
    assert texts.count("0,00") == 6


async def test_thirty_cprs_are_a_page_still(register: Register, address: str) -> None:
    cprs = [uuid.UUID(f"c0000000-0000-4000-8000-{number:012x}") for number in range(2, 32)]
    for cpr in cprs:
        await register.deliver(activated((100_000, 20_000), cpr_id=cpr))
        await register.hold((MARINA, 10), cpr_id=cpr)
        await register.sql("UPDATE positions SET id = gen_random_uuid(), investment_id = gen_random_uuid()")
    texts = await paper(register, address)
    assert [text for text in texts if text.startswith("c0000000")] == [str(cpr) for cpr in cprs]
    assert texts.count("30.000,00") == 1


async def test_the_path_is_beside_the_data(register: Register, address: str) -> None:
    me = {"__typename": "User", "id": str(MARINA)}
    answer = await register.ask(PATH, register.signed_in(MARINA), r=[me])
    path = answer["data"]["_entities"][0]["incomeStatement"]["pdfPath"]
    status, content, headers = await get(register, address + path, MARINA)
    assert (status, content[:5], headers["content-type"]) == (200, b"%PDF-", "application/pdf")
    assert headers["content-disposition"] == 'attachment; filename="informe-de-rendimentos-2026.pdf"'
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("private, no-store", "nosniff")


async def test_staff_see_it_with_a_masked_cpf_and_have_looked(register: Register, address: str) -> None:
    texts = await paper(register, address, 2026, ADMINISTRATOR, "admin")
    assert ("***.982.247-**" in texts, "529.982.247-25" in texts) == (True, False)
    looks = await register.sql("SELECT actor_id, user_id, sight FROM staff_looks ORDER BY id")
    assert [tuple(look.values()) for look in looks] == [
        (ADMINISTRATOR, MARINA, "IDENTITY"),
        (ADMINISTRATOR, MARINA, "INCOME"),
    ]


async def test_nobody_else_finds_it(register: Register, address: str) -> None:
    url = f"{address}/distribution/income-statements/{MARINA}/2026.pdf"
    status, _, headers = await get(register, url, None)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    for who, scopes in ((CARLOS, ()), (STRANGER, ()), (ANALYST, ("analyst",))):
        assert (await get(register, url, who, *scopes))[0] == 404
    assert await register.sql("SELECT * FROM staff_looks") == []


@pytest.mark.parametrize("name", ["2019.pdf", "2027.pdf", "20261.pdf", "x.pdf", "２０２６.pdf", "2026.csv"])
async def test_other_years_and_forms_are_not_found(register: Register, address: str, name: str) -> None:
    assert (await get(register, f"{address}/distribution/income-statements/{MARINA}/{name}", MARINA))[0] == 404


async def test_without_a_name_there_is_no_paper(register: Register, address: str) -> None:
    register.people.away = True
    url = f"{address}/distribution/income-statements/{MARINA}/2026.pdf"
    assert (await get(register, url, MARINA))[0] == 503
    register.people.away = False
    register.people.people.clear()
    assert "identidade ainda não verificada" in await paper(register, address)


async def test_who_pays_is_a_setting(register: Register, address: str) -> None:
    settings = register.subgraph.services.settings
    settings.payer_name, settings.payer_cnpj = "Peerseed SEP S.A.", CNPJ
    assert (await paper(register, address))[2:5] == ["Peerseed SEP S.A.", "CNPJ", "12.ABC.345/01DE-35"]


def settings_with(cnpj: str) -> DistributionSettings:
    given = {"database_url": "postgresql://nowhere", "people_secret": "nobody-else-knows-this", "payer_cnpj": cnpj}
    return DistributionSettings.model_validate(given)


@pytest.mark.parametrize(
    ("written", "cnpj"),
    [("", ""), (CNPJ, CNPJ), ("12.abc.345/01de-35", CNPJ), ("11.222.333/0001-81", "11222333000181")],
)
def test_a_payers_cnpj_has_one_form(written: str, cnpj: str) -> None:
    assert settings_with(written).payer_cnpj == cnpj


def test_a_payers_cnpj_has_to_check() -> None:
    with pytest.raises(ValidationError, match="is no CNPJ"):
        settings_with("11222333000182")


async def test_a_companys_statement_names_it_by_its_cnpj_and_its_tax_an_advance(
    register: Register, address: str
) -> None:
    register.people.people[MARINA] = Person(full_name="Fazenda Boa Vista S/A", cnpj=CNPJ)
    await a_year(register)
    lines = await paper(register, address)
    assert "Fazenda Boa Vista S/A" in lines
    assert "12.ABC.345/01DE-35" in lines
    text = " ".join(lines)
    assert "Rendimentos tributados na fonte como antecipação: juros" in text
    assert "exclusiva na fonte" not in text
    assert "antecipação do devido pela empresa" in text
