"""What becomes of ids, names, moments and texts in a copy."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validate_docbr import CNPJ, CPF

from seeding.catalogue import Table
from seeding.copies import COPIES_MAX, NUMBER, Copy, Shared, is_copy, names_copy
from seeding.remade import PEOPLE_MAX, Told
from seeding.wording import Wording
from story.tax_ids import cnpj_of, cpf_of
from subgraphs.shared.ids import new_id
from subgraphs.wallet.domain import chart
from tests.fixtures.databases import Server, connected

NUMBERS = st.integers(1, COPIES_MAX)
CPR_ID = uuid.UUID("01a22c2c-6490-710f-8abc-7d00ba5ca9b5")
ANA = uuid.UUID("01a22c2c-2b00-7123-8abc-000000000001")


def the(number: int, *shared: uuid.UUID) -> Copy:
    return Copy(number, Shared(frozenset(shared), {}))


@given(st.uuids(version=4), st.uuids(version=4), NUMBERS)
def test_ids_of_a_copy_sort_as_the_told_ones_by_their_time(one: uuid.UUID, other: uuid.UUID, number: int) -> None:
    earlier, later = (
        uuid.UUID(bytes=moment + b"\x70" + told.bytes[7:]) for moment, told in ((b"\1" * 6, one), (b"\2" * 6, other))
    )
    assert the(number).id(earlier) < the(number).id(later)


@given(st.uuids(version=4), NUMBERS, NUMBERS)
def test_ids_are_one_copys_and_the_same_each_time(told: uuid.UUID, number: int, other: int) -> None:
    assert the(number).id(told) == the(number).id(told)
    assert the(number).id(told).version == 8
    assert (the(number).id(told) == the(other).id(told)) == (number == other)


async def test_the_database_reads_in_an_id_which_copy_it_is_of(postgres: Server) -> None:
    ids = {the(number).id(told): number for number in (1, 7, 70_000, COPIES_MAX) for told in (new_id(), uuid.uuid4())}
    ids |= dict.fromkeys((new_id(), uuid.uuid4(), *chart.PLATFORM), 0)
    async with connected(postgres.admin_url) as connection:
        for one, number in ids.items():
            row = await connection.fetchrow(
                f"SELECT {is_copy('id')}, {NUMBER.format(id='id')} FROM (SELECT $1::uuid AS id) AS one",  # noqa: S608
                one,
            )
            assert row[0] is (number > 0)
            assert row[0] is False or row[1] == number
            for written in (str(one), f"reg-{one}-received", one.hex):
                assert await connection.fetchval(f"SELECT {names_copy('$1::text')}", written) is (one.version == 8)


def test_what_is_everybodys_stays_and_ledger_accounts_follow_from_their_codes() -> None:
    code = f"available:{CPR_ID}"
    made = Wording().of(code)
    assert made is not None
    copy = Copy(4, Shared(frozenset({ANA}), {chart.id_of(code): made}))
    assert copy.id(ANA) == ANA
    assert copy.id(chart.id_of(code)) == chart.id_of(f"available:{copy.id(CPR_ID)}")


def test_a_moment_is_a_little_earlier_and_an_address_has_the_number() -> None:
    assert the(3).moment(datetime(2026, 11, 30, tzinfo=UTC)) == datetime(2026, 11, 29, 23, 59, 59, 997_000, tzinfo=UTC)
    assert the(3).email("marina@demo.peerseed.example") == "marina+3@demo.peerseed.example"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("CPR-2026-BA5CA9B5, B3-7D00BA5CA9B5", "CPR-2026-{tail8}, B3-{tail12}"),
        ('{"cpr": "01a22c2c-6490-710f-8abc-7d00ba5ca9b5"}', '{{"cpr": "{id}"}}'),
        ("invest-01a22c2c6490710f8abc7d00ba5ca9b5", "invest-{hex}"),
        ("pays 01a22c2c6490710f8abc7d00ba5ca9b552040000", "pays {hex}52040000"),
        ("to ana@x.example of {hex}", None),
        ("a" * 64, None),
        ("2026-11-30, R$ 1.000,00, MT-5107925-DEADBEEF", None),
    ],
)
def test_ids_and_names_are_found_within_texts(told: str, expected: str | None) -> None:
    made = Wording(["01a22c2c6490710f8abc7d00ba5ca9b5"], [CPR_ID]).of(told)
    own = the(9).id(CPR_ID)
    names = {"id": own, "hex": own.hex, "tail8": own.hex[-8:].upper(), "tail12": own.hex[-12:].upper()}
    assert (made and made(the(9))) == (expected and expected.format(**names))


def test_a_name_is_as_long_as_the_told_one_and_its_own() -> None:
    name = "E99999999202611301117M5rogmRWIcD"
    made = Wording([name]).of(f"paid as {name}.")
    assert made is not None
    texts = {made(the(number)) for number in range(1, 1_000)}
    assert len(texts) == 999
    assert {(len(text), text[:29]) for text in texts} == {(41, "paid as E99999999202611301117")}


@given(st.integers(0, 10**9 - 1))
def test_made_up_tax_ids_have_right_check_digits(number: int) -> None:
    assert CPF(repeated_digits=True).validate(cpf_of(number))
    assert CNPJ().validate(cnpj_of(number)) or number == 0


@given(st.sets(st.tuples(st.integers(1, 900_000), st.integers(0, PEOPLE_MAX - 1)), min_size=2))
def test_nobody_has_the_tax_id_of_somebody_else(people: set[tuple[int, int]]) -> None:
    told = Told(None, Wording(), {cpf_of(place): place for place in range(PEOPLE_MAX)}, {})
    assert len({told.tax_id(cpf_of(place))(the(number)) for number, place in people}) == len(people)
    assert told.tax_id("39053344705")(the(1)) == "39053344705"


def test_of_a_table_only_what_was_told_is_read() -> None:
    table = Table("marketplace", "deductions", {"valid_from": "date", "rate": "numeric"}, ("valid_from",), frozenset())
    assert table.told_rows == 'SELECT * FROM "deductions" WHERE true ORDER BY valid_from'
