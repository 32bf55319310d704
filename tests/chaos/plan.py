"""
What a seed says: who does what in which scene, and what fails meanwhile. Data alone, so a replay is the same.

A plan names people and things as they are known before anything has happened: "investor 2", "farmer 1's CPR". What
they find when their turn comes (how much is left of an offering, what is owed today) is the product's answer.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from launch.databases import BROKER
from subgraphs.shared.clock import BRASILIA

FARMERS, INVESTORS = ("farmer 1", "farmer 2"), ("investor 1", "investor 2", "investor 3", "investor 4")
ARRIVALS = (None, None, "SANDBOX:SLOW", "SANDBOX:DOWN")
"""What identity checks meet."""
WEBHOOKS = (None, None, "duplicate", "late", "out_of_order", "wrong_signature", "lost")
"""How the gateway tells of a payment."""
PROVIDERS = (None, None, "duplicate", "late", "out_of_order", "wrong_signature", "lost", "unavailable")
"""How who signs and who registers answer."""
BUREAU = (None, None, "unavailable")
RETURNS = (None, "failed", "late", "twice", "never")
"""How it goes when money is given back."""
TOLD = (None, "twice", "late")
"""How the gateway tells what a payer's bank wants."""
LATER = ("late", "lost", "never")
"""Ways that show only when minutes have passed at the gateway."""

FAULTS = (
    "kill the product", "cut the power", "kill the database", "cut connections", "send events again",
    "hold events back", "lose a queue", "carry badly",
)  # fmt: skip
"""What fails in every form of the product."""
FAULTS_OF_PARTS = ("kill a part", "kill a part", "freeze a part", "kill the router")
"""What only fails where parts are processes of their own."""
FAULTS_OF_A_BROKER = ("stop the broker",)
PARTS = ("accounts", "credit", "contracts", "marketplace", "wallet", "distribution", "notifications")
NUMBERS = 10_000
"""Of which a fault has one; many more than there are queues."""

BEGINNINGS = (date(2030, 12, 31), date(2031, 1, 29), date(2031, 10, 30), date(2032, 1, 29), date(2032, 2, 28))
"""Ends of months and a leap year, so that due dates fall on the last days of short months; ahead of any replay."""
MONTHS = (28, 31, 31, 32, 36, 64)
"""Days until what is called the next month: some pay in time, some late, some after default."""
HOURS = (time(0, 0, 0), time(23, 59, 58), time(3, 0), time(10, 30), time(18, 0), time(21, 0))
"""In Brasília: its midnights, those of UTC (21:00), working hours."""


@dataclass(frozen=True)
class Deed:
    """Something that somebody does."""

    who: str
    what: str
    terms: Mapping[str, Any]
    times: int = 1
    """How often the same request is sent at the same moment."""

    def __str__(self) -> str:
        terms = " ".join(f"{name}={value}" for name, value in self.terms.items() if value is not None)
        return f"{self.who}: {self.what} {terms}" + (f" ×{self.times}" if self.times > 1 else "")


@dataclass(frozen=True)
class Fault:
    """Something that fails, once so many requests of its scene have been sent, or else when it ends."""

    what: str
    after: int
    part: str | None = None
    number: int | None = None
    """By which one queue is chosen of as many as there are, or what is sent again."""

    def __str__(self) -> str:
        of = self.part or (f"number {self.number}" if self.number is not None else "")
        return f"fault after {self.after} requests: {self.what}" + (f" ({of})" if of else "")


@dataclass(frozen=True)
class Scene:
    """What happens at the same time. When it is over, the product is left alone until nothing moves any more."""

    name: str
    begins: datetime | None
    """When, by the product's clock; None where time simply goes on."""
    deeds: tuple[Deed, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Plan:
    seed: int
    form: str
    """`in_process` or `split`."""
    broker: str
    """`embedded` or `rabbitmq`."""
    scenes: tuple[Scene, ...]
    replicas: tuple[str, ...] = ()
    """Parts that run twice."""

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who takes part, in their order."""
        return tuple(dict.fromkeys(deed.who for scene in self.scenes for deed in scene.deeds))

    def __str__(self) -> str:
        twice = f", twice: {', '.join(self.replicas)}" if self.replicas else ""
        return "\n".join([f"seed {self.seed}, {self.form}, {self.broker}{twice}", *self._lines()])

    def _lines(self) -> Iterator[str]:
        for scene in self.scenes:
            yield f"{scene.name}" + (f", {scene.begins:%Y-%m-%d %H:%M:%S}" if scene.begins else "")
            yield from (f"  {line}" for line in (*scene.deeds, *scene.faults))


@dataclass(frozen=True)
class Size:
    """How much happens."""

    farmers: int
    investors: int
    months: int
    """How many times it becomes a month later; 0 leaves the clock alone."""
    faults_max: int
    """Per scene."""


SHORT = Size(farmers=1, investors=3, months=0, faults_max=1)
LONG = Size(farmers=2, investors=4, months=4, faults_max=2)


def make_plan(
    seed: int, *, form: str, broker: str = "embedded", size: Size = LONG, can_stop_broker: bool = False
) -> Plan:
    """The plan of *seed*: always the same for the same arguments."""
    return _Author(random.Random(seed), form, broker, size, can_stop_broker).write(seed)  # not a secret


class _Author:
    """Draws one thing after another from one source, so that nothing else decides."""

    def __init__(self, draw: random.Random, form: str, broker: str, size: Size, can_stop_broker: bool) -> None:
        self._draw = draw
        self._form, self._broker, self._size = form, broker, size
        self._farmers, self._investors = FARMERS[: size.farmers], INVESTORS[: size.investors]
        self._databases = (*PARTS, BROKER) if broker == "embedded" else PARTS
        self._faults = [*FAULTS]
        if form == "split":
            self._faults += FAULTS_OF_PARTS
        if can_stop_broker:
            self._faults += FAULTS_OF_A_BROKER

    def write(self, seed: int) -> Plan:
        begins = self._draw.choice(BEGINNINGS) if self._size.months else None
        scenes = [self._scene("arrivals", self._arrivals(), on=begins)]
        scenes += [self._scene("money and credit", [*self._deposits(), *self._requests()])]
        scenes += [self._scene("funding", self._investing())]
        waits = begins is not None and self._draw.random() < 0.4
        funded = self._farmers[:-1] if waits else self._farmers
        scenes += [self._scene("what is left of the offerings", self._filling(funded))]
        if begins is not None and waits:
            how = self._draw.choice(("take", "extend", "cancel"))
            begins += timedelta(days=31)
            decided = self._deed(self._farmers[-1], "decide about the offering", how=how)
            scenes += [self._scene("a deadline passes", [decided], on=begins)]
            if how == "extend":
                scenes += [self._scene("more time", self._filling(self._farmers[-1:]))]
        scenes += [self._scene("the first installment", [*self._paying(), *self._trading(), *self._leaving()])]
        for month in range(1, self._size.months + 1):
            assert begins is not None
            begins += timedelta(days=self._draw.choice(MONTHS))
            scenes += [self._scene(f"month {month}", self._month(month), on=begins)]
        scenes += [self._scene("the end", self._ending())]
        replicas = tuple(self._draw.sample(PARTS, 2)) if self._form == "split" and self._draw.random() < 0.5 else ()
        return Plan(seed, self._form, self._broker, tuple(scenes), replicas)

    def _scene(self, name: str, deeds: list[Deed], *, on: date | None = None) -> Scene:
        begins = datetime.combine(on, self._draw.choice(HOURS), BRASILIA) if on else None
        faults = [self._fault(len(deeds)) for _ in range(self._draw.randint(0, self._size.faults_max))]
        return Scene(name, begins, tuple(deeds), tuple(sorted(faults, key=lambda fault: fault.after)))

    def _fault(self, deed_count: int) -> Fault:
        what = self._draw.choice(self._faults)
        parts = {"kill a part": PARTS, "freeze a part": PARTS, "cut connections": self._databases}.get(what)
        return Fault(
            what,
            self._draw.randint(1, 1 + 3 * deed_count),
            part=self._draw.choice(parts) if parts else None,
            number=self._draw.randrange(NUMBERS) if what in ("send events again", "lose a queue") else None,
        )

    def _how(self, ways: tuple[str | None, ...]) -> str | None:
        """One of *ways*; none that needs time to pass where nobody moves the clock."""
        return self._draw.choice([way for way in ways if self._size.months or way not in LATER])

    def _amount(self, least: int, most: int) -> str:
        return f"{self._draw.randint(least, most)}.{self._draw.randint(0, 99):02d}"

    def _times(self) -> int:
        return self._draw.choice((1, 1, 1, 2, 3))

    def _deed(self, who: str, what: str, **terms: Any) -> Deed:
        return Deed(who, what, terms, self._times())

    def _arrivals(self) -> list[Deed]:
        return [
            Deed(who, "arrive", {"profile": profile, "document": self._draw.choice(ARRIVALS)})
            for profile, people in (("FARMER", self._farmers), ("INVESTOR", self._investors))
            for who in people
        ]

    def _deposits(self) -> list[Deed]:
        return [
            self._deed(
                who, "deposit", amount=self._amount(900, 4_000), webhook=self._how(WEBHOOKS)
            )
            for who in self._investors
            for _ in range(self._draw.randint(1, 2))
        ]  # fmt: skip

    def _requests(self) -> list[Deed]:
        return [
            self._deed(
                who, "borrow", quotas=self._draw.randint(6, 24), months=self._draw.randint(2, 4),
                amortisation=self._draw.choice(("PRICE", "SAC")), bureau=self._draw.choice(BUREAU),
                signature=self._draw.choice(PROVIDERS), registry=self._draw.choice(PROVIDERS),
            )
            for who in self._farmers
        ]  # fmt: skip

    def _investing(self) -> list[Deed]:
        deeds = [
            self._deed(who, "invest", farmer=farmer, quotas=self._draw.randint(1, 12))
            for who in self._investors
            for farmer in self._farmers
            for _ in range(self._draw.randint(0, 2))
        ]
        deeds.append(self._deed(self._investors[0], "register a bank account", refuses=self._draw.random() < 0.5))
        self._draw.shuffle(deeds)
        return deeds

    def _filling(self, farmers: tuple[str, ...]) -> list[Deed]:
        return [self._deed(self._draw.choice(self._investors), "fund the rest", farmer=who) for who in farmers]

    def _paying(self) -> list[Deed]:
        deeds = []
        for who in self._farmers:
            method = self._draw.choice(("PIX", "BOLETO", "WALLET"))
            webhook = self._how(WEBHOOKS) if method != "WALLET" else None
            twice = method != "WALLET" and self._draw.random() < 0.2
            early = method != "WALLET" and not twice and self._draw.random() < 0.3
            how = {"webhook": webhook, "twice": twice or None, "early": early or None}
            deeds.append(self._deed(who, "pay an installment", method=method, **how))
        return deeds

    def _trading(self) -> list[Deed]:
        sellers = self._draw.sample(self._investors, 2)
        deeds = [
            self._deed(who, "sell quotas", quotas=self._draw.randint(1, 4), price=f"{self._draw.randint(80, 105)}.00")
            for who in sellers
        ]
        deeds += [self._deed(who, "buy quotas", quotas=self._draw.randint(1, 3)) for who in self._investors]
        if self._draw.random() < 0.4:
            deeds.append(self._deed(sellers[0], "withdraw the offer"))
        return deeds

    def _leaving(self) -> list[Deed]:
        """Money that goes out, and back."""
        one, other = self._draw.sample(self._investors, 2)
        ends, returned, told = self._draw.choice(("reject", "take_back")), self._how(RETURNS), self._how(TOLD)
        return [
            self._deed(self._investors[0], "withdraw money", amount=self._amount(5, 90)),
            self._deed(one, "deposit for another", amount=self._amount(5, 300), returned=returned),
            self._deed(other, "pay too much", amount=self._amount(5, 300)),
            self._deed(one, "lose a claim", told=told, ends=ends),
            self._deed(other, "have a deposit reversed", amount=self._amount(5, 300)),
        ]

    def _month(self, month: int) -> list[Deed]:
        deeds = [*(deed for deed in self._paying() if self._draw.random() < 0.75), *self._trading()]
        if month % 2 == 0:
            deeds += self._leaving()
        if self._draw.random() < 0.3:
            farmer, agrees = self._draw.choice(self._farmers), self._draw.random() < 0.8
            deeds.append(self._deed(farmer, "renegotiate", months=self._draw.randint(2, 6), agrees=agrees))
        return deeds

    def _ending(self) -> list[Deed]:
        """Whoever can pays all that is left; some owe on."""
        return [self._deed(who, "settle the CPR") for who in self._farmers if self._draw.random() < 0.7]
