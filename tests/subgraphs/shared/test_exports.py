"""Papers as CSV and PDF: amounts to the cent, what a spreadsheet would run, letters, pages."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from subgraphs.shared.availability import Unavailable, is_unavailable
from subgraphs.shared.exports import download
from subgraphs.shared.exports.as_csv import csv_bytes
from subgraphs.shared.exports.as_pdf import in_letters, pdf_bytes
from subgraphs.shared.exports.paper import Cell, Column, Kind, Paper, Table, amount
from subgraphs.shared.identity import Identity
from subgraphs.shared.refusal import Busy
from tests.builders.pdf import pages_of, text_of

ANA, MARINA, CARLOS = (Identity(UUID(int=number)) for number in (1, 2, 3))
NINE_O_CLOCK = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COLUMNS = (
    Column("Quando", Kind.INSTANT, 2),
    Column("Descrição", width=4),
    Column("Cotas", Kind.COUNT),
    Column("Valor (R$)", Kind.MONEY, 2),
)


def a_table(*rows: tuple[Cell, ...], sums: tuple[Cell, ...] | None = None) -> Table:
    return Table(columns=COLUMNS, rows=rows, title="Lançamentos", sums=sums, if_empty="Nada no período.")


def a_paper(*rows: tuple[Cell, ...], sums: tuple[Cell, ...] | None = None) -> Paper:
    return Paper(
        title="Extrato da carteira",
        facts=[("Titular", "Sérgio Conceição")],
        tables=[a_table(*rows, sums=sums)],
        notes=["Não é um demonstrativo contábil."],
        made_at=NINE_O_CLOCK,
    )


def csv_text(*rows: tuple[Cell, ...]) -> str:
    return csv_bytes(a_table(*rows)).decode()


def test_a_spreadsheet_of_brazil_reads_the_csv() -> None:
    assert csv_text((NINE_O_CLOCK, "Depósito", 3, 1_234_567_89), (None, 'a; "b"', None, -5)) == (
        '\ufeffQuando;Descrição;Cotas;Valor (R$)\r\n23/11/2026 09:00:00;Depósito;3;1234567,89\r\n;"a; ""b""";;-0,05\r\n'
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+55", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|calc", "%0A", "  =HYPERLINK(1)", "-R$ 1"]
)
def test_no_text_is_a_formula(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(csv_text((None, text, None, None)), newline=""), delimiter=";")
    assert row[1] == f"'{text}"


def test_amounts_below_zero_stay_amounts() -> None:
    assert csv_text((None, "Saque", None, -300_00)).endswith(";Saque;;-300,00\r\n")


@given(st.integers(-(10**14), 10**14))
def test_a_csvs_amount_is_the_same_cents(minor: int) -> None:
    written = csv_text((None, None, None, minor)).splitlines()[1].split(";")[3]
    assert Decimal(written.replace(",", ".")) * 100 == minor


@given(st.integers(-(10**14), 10**14))
def test_an_amount_on_paper_is_the_same_cents(minor: int) -> None:
    assert Decimal(amount(minor).replace(".", "").replace(",", ".")) * 100 == minor


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_every_text_is_read_back_from_a_csv(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(csv_text((None, text, None, None)), newline=""), delimiter=";")
    assert row[1].removeprefix("'") == text.removeprefix("'")


def test_a_pdf_says_what_is_on_the_paper() -> None:
    paper = a_paper(
        (NINE_O_CLOCK, "Depósito por Pix", 3, 1_234_567_89),
        (NINE_O_CLOCK, "Saque", None, -5),
        sums=(None, "Soma", 3, 1_234_567_84),
    )
    assert text_of(pdf_bytes(paper)) == [
        "Extrato da carteira",
        "Titular",
        "Sérgio Conceição",
        "Lançamentos",
        "Quando",
        "Descrição",
        "Cotas",
        "Valor (R$)",
        "23/11/2026 09:00:00",
        "Depósito por Pix",
        "3",
        "1.234.567,89",
        "23/11/2026 09:00:00",
        "Saque",
        "-0,05",
        "Soma",
        "3",
        "1.234.567,84",
        "Não é um demonstrativo contábil.",
        "Emitido em 23/11/2026 09:00 (horário de Brasília)",
        "Página 1 de 1",
    ]


def test_a_pdf_has_its_title_and_language_and_is_the_same_each_time() -> None:
    content = pdf_bytes(a_paper())
    assert content == pdf_bytes(a_paper())
    reader = PdfReader(io.BytesIO(content))
    assert (reader.metadata.title, reader.metadata.author) == ("Extrato da carteira", "Peerseed")  # type: ignore[union-attr]
    assert reader.root_object["/Lang"] == "pt-BR"


def test_an_empty_table_says_so() -> None:
    texts = text_of(pdf_bytes(a_paper(sums=(None, "Soma", 0, 0))))
    assert "Nada no período." in texts
    assert "Soma" not in texts


def test_every_page_has_the_columns_titles_and_its_number() -> None:
    pages = pages_of(pdf_bytes(a_paper(*((NINE_O_CLOCK, f"linha {at}", at, at) for at in range(200)))))
    assert len(pages) == 3
    assert [page.count("Descrição") for page in pages] == [1, 1, 1]
    assert [page[-1] for page in pages] == ["Página 1 de 3", "Página 2 de 3", "Página 3 de 3"]
    lines = [text for page in pages for text in page if text.startswith("linha")]
    assert lines == [f"linha {at}" for at in range(200)]


def test_a_wide_paper_lies_on_its_side() -> None:
    paper = Paper(title="T", facts=[], tables=[a_table()], made_at=NINE_O_CLOCK, is_wide=True)
    box = PdfReader(io.BytesIO(pdf_bytes(paper))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)


def test_figures_are_never_cut_and_texts_are() -> None:
    texts = text_of(pdf_bytes(a_paper((None, "palavra " * 60, 10**24, 10**14))))
    assert "1" + "0" * 24 in texts
    assert "1.000.000.000.000,00" in texts
    (cut,) = (text for text in texts if text.startswith("palavra"))
    assert cut.endswith("…")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("São João d’Ávila – ção", "São João d’Ávila – ção"),
        ("Őrsi Łukasz", "Orsi ?ukasz"),
        ("a\u0303", "ã"),
        ("a\nb\x00c", "a b c"),
        ("中村", "??"),
        ("", ""),
    ],
)
def test_letters_that_the_font_lacks(text: str, shown: str) -> None:
    assert in_letters(text) == shown


@given(st.text())
def test_every_text_can_be_put_on_paper(text: str) -> None:
    paper = Paper(title=text, facts=[(text, text)], tables=[a_table((None, text, None, None))], made_at=NINE_O_CLOCK)
    assert pdf_bytes(paper).startswith(b"%PDF-1.")


def test_a_long_note_goes_on_in_the_next_line() -> None:
    words = [f"palavra{at}" for at in range(60)]
    paper = Paper(title="T", facts=[], tables=[], notes=[" ".join(words)], made_at=NINE_O_CLOCK)
    lines = [text for text in text_of(pdf_bytes(paper)) if text.startswith("palavra")]
    assert len(lines) == 4
    assert " ".join(lines).split() == words


async def test_files_are_made_one_at_a_time_and_too_long_a_line_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(download, "WAITING_MAX", 0)
    printer = download.Printer()
    async with printer.turn(MARINA):
        with pytest.raises(Unavailable):
            await printer.turn(CARLOS).__aenter__()
    async with printer.turn(CARLOS):
        assert (await printer.answer(a_paper, form="csv", name="extrato")).body == csv_bytes(a_table())


async def test_one_person_does_not_fill_the_line_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "WAITING_MAX", 2)
    printer, made = download.Printer(), []

    async def make(who: Identity) -> None:
        async with printer.turn(who):
            made.append(who)

    async with printer.turn(ANA):
        waiting = [asyncio.create_task(make(MARINA)) for _ in range(2 + download.WAITING_OF_ONE_MAX)]
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(make(CARLOS)))
        await asyncio.sleep(0)
        assert made == []
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in told if each is not None] == [Busy]
    assert made[:2] == [MARINA, CARLOS]
    assert made.count(MARINA) == 1 + download.WAITING_OF_ONE_MAX


async def test_a_file_that_takes_too_long_gives_its_place_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = download.Printer()
    with monkeypatch.context() as patched:
        patched.setattr(download, "SECONDS_MAX", 0.0)
        with pytest.raises(TimeoutError):
            async with printer.turn(MARINA):
                await asyncio.get_running_loop().create_future()
    async with printer.turn(CARLOS):
        pass
    assert is_unavailable(TimeoutError())
