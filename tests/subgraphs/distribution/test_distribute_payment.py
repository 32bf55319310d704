"""A confirmed payment is split among the holders, to the cent, once."""

from tests.subgraphs.distribution.register import CARLOS, MARINA, Register, activated, installment_id


async def test_principal_and_interest_go_by_quotas_less_fee(register: Register) -> None:
    await register.deliver(activated((74_560, 20_000)))
    await register.hold((MARINA, 60), (CARLOS, 40))
    printed = await register.pay(94_560)
    assert printed.splitlines() == [
        f"installment {installment_id(1)}  paid 2026-12-23 09:00  R$ 945,60 = principal 745.60 + interest 200.00",
        "investment    quotas  principal  interest   gross    fee   tax     net  tax rate  days  status",
        "000000000001      60     447.36    120.00  567.36  18.00  0.00  549.36    exempt    30  pending",
        "000000000002      40     298.24     80.00  378.24  12.00  0.00  366.24    exempt    30  pending",
        "sum              100     745.60    200.00  945.60  30.00  0.00  915.60",
    ]
