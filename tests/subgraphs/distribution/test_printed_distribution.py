"""`python -m subgraphs.distribution INSTALLMENT_ID` shows how a payment was split."""

import uuid

import pytest

from subgraphs.distribution.__main__ import main
from tests.subgraphs.distribution.register import CARLOS, MARINA, REGRESSIVE, Register, activated, installment_id


async def test_the_command_prints_the_distribution(
    register: Register, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTRIBUTION_DATABASE_URL", register.subgraph.database.url)
    await register.sql(REGRESSIVE)
    await register.deliver(activated((1_234_567, 89_000)))
    await register.hold((MARINA, 2), (CARLOS, 1))
    await register.pay(1_323_567)
    await register.credit_all()
    capsys.readouterr()
    assert await main([str(installment_id(1))]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"installment {installment_id(1)}  paid 2026-12-23 09:00  R$ 13.235,67 = principal 12,345.67 + interest 890.00",
        "position      quotas  principal  interest      gross     fee     tax        net  tax rate  days  status",
        "000000000001       2   8,230.45    593.33   8,823.78   89.00  133.50   8,601.28    22.5 %    30  credited",
        "000000000002       1   4,115.22    296.67   4,411.89   44.50   66.75   4,300.64    22.5 %    30  credited",
        "sum                3  12,345.67    890.00  13,235.67  133.50  200.25  12,901.92",
    ]


async def test_the_command_says_when_there_is_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTRIBUTION_DATABASE_URL", register.subgraph.database.url)
    unknown = uuid.uuid4()
    assert await main([str(unknown)]) == 1
    assert capsys.readouterr().err == f"Installment {unknown} has not been distributed.\n"
