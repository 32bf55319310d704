"""The demo people: who can sign in after the first start, and with what."""

from dataclasses import dataclass
from datetime import date

from subgraphs.accounts.domain.demo_people import seed_person
from subgraphs.shared.subgraph import Subgraph


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    password: str
    cpf: str
    phone: str
    born_on: date
    profiles: tuple[str, ...] = ()
    staff_roles: tuple[str, ...] = ()
    about: str = ""


DEMO_PASSWORD = "Semente#2026"  # noqa: S105  # printed at every start of a local demo, never used elsewhere

DEMO_PEOPLE = (
    Person(
        "Sérgio Almeida", "sergio@demo.peerseed.example", DEMO_PASSWORD, "529.982.247-25", "+5565999990001",
        date(1985, 3, 14), profiles=("FARMER",), about="farmer: maize and soy, 32 ha",
    ),
    Person(
        "Marina Costa", "marina@demo.peerseed.example", DEMO_PASSWORD, "111.444.777-35", "+5511999990002",
        date(1992, 7, 2), profiles=("INVESTOR",), about="investor: impact, liquidity, clear risk",
    ),
    Person(
        "Carlos Nogueira", "carlos@demo.peerseed.example", DEMO_PASSWORD, "390.533.447-05", "+5521999990003",
        date(1979, 11, 23), profiles=("INVESTOR",), about="investor: buys on the secondary market",
    ),
    Person(
        "Ana Ribeiro", "ana@demo.peerseed.example", DEMO_PASSWORD, "275.484.389-23", "+5531999990004",
        date(1988, 1, 30), staff_roles=("ANALYST",), about="credit analyst",
    ),
    Person(
        "Administração", "admin@demo.peerseed.example", DEMO_PASSWORD, "168.995.350-09", "+5561999990005",
        date(1980, 5, 9), staff_roles=("ADMIN",), about="administrator",
    ),
    Person(
        "Diretoria", "diretoria@demo.peerseed.example", DEMO_PASSWORD, "935.411.347-80", "+5561999990006",
        date(1975, 8, 21), staff_roles=("ADMIN",), about="administrator: approves what the other proposes",
    ),
)  # fmt: skip


async def seed_demo_people(accounts: Subgraph) -> None:
    """Register the demo people, as if they had signed up and been verified; those already there are left alone."""
    async with accounts.database.begin() as session:
        for person in DEMO_PEOPLE:
            await seed_person(
                session,
                accounts.services,
                name=person.name,
                email=person.email,
                password=person.password,
                cpf=person.cpf,
                phone=person.phone,
                born_on=person.born_on,
                profiles=person.profiles,
                staff_roles=person.staff_roles,
            )
