"""What the tax law sees in whoever lends, owns or owes: said by accounts, carried by facts, alike in all domains."""

from enum import StrEnum


class PersonKind(StrEnum):
    NATURAL = "NATURAL"
    """A person, known by a CPF."""
    LEGAL = "LEGAL"
    """A company, or a cooperative: what it earns outside its dealings with members is taxed alike (STJ, Súmula 262)."""
