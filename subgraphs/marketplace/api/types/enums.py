"""Enumerations of the graph; their members are explained where the code defines them."""

import strawberry

from subgraphs.marketplace.crud.offering_search import OfferingSort
from subgraphs.marketplace.models import InvestmentStatus, OfferingStatus

strawberry.enum(OfferingStatus, description="Where an offering stands.")
strawberry.enum(InvestmentStatus, description="Where an investment stands.")
strawberry.enum(OfferingSort, description="The order of a list of offerings.")


__all__ = ["InvestmentStatus", "OfferingSort", "OfferingStatus"]
