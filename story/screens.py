"""Who of the story uses each operation of `schema/operations/`, and with which variables."""

from typing import Any

from story.people import Person
from story.telling import Told

USED_BY = {
    "AnalystQueue": "analyst",
    "BackOffice": "admin",
    "Consents": "investor",
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
    "SecondaryMarket": "second investor",
    "TransactionDashboard": "admin",
    "Wallet": "investor",
}
"""By the operation's name. A subscription's variables are its listener's: where to begin is known when it does."""


def person_of(told: Told, operation: str) -> Person:
    investor, second, *_ = told.investors
    people = {
        "farmer": told.farmer, "investor": investor, "second investor": second, "analyst": told.analyst,
        "admin": told.admin,
    }  # fmt: skip
    return people[USED_BY[operation]]


def variables_of(told: Told, operation: str) -> dict[str, Any]:
    if operation == "IncomeStatement":
        return {"year": told.year}
    return {"id": told.offering_id} if operation == "OfferingDetail" else {}
