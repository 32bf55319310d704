"""Who of the story uses each operation of `schema/operations/`, and with which variables."""

from datetime import UTC, datetime
from typing import Any

from story.people import Person
from story.telling import Told
from subgraphs.shared.clock import business_date

USED_BY = {
    "AnalystQueue": "analyst",
    "BackOffice": "admin",
    "CreditScore": "farmer",
    "FarmerHome": "farmer",
    "IncomeStatement": "investor",
    "InvestorHome": "investor",
    "Marketplace": "investor",
    "MyContracts": "farmer",
    "MySeeds": "investor",
    "NotificationReceived": "investor",
    "Notifications": "investor",
    "OfferingDetail": "investor",
    "Payments": "farmer",
    "SecondaryMarket": "investor",
    "TransactionDashboard": "admin",
    "Wallet": "investor",
}
"""By the operation's name. A subscription's variables are its listener's: where to begin is known when it does."""


def person_of(told: Told, operation: str) -> Person:
    people = {"farmer": told.farmer, "investor": told.investors[0], "analyst": told.analyst, "admin": told.admin}
    return people[USED_BY[operation]]


def variables_of(told: Told, operation: str) -> dict[str, Any]:
    if operation == "IncomeStatement":
        return {"year": business_date(datetime.now(UTC)).year}
    return {"id": told.offering_id} if operation == "OfferingDetail" else {}
