"""
Words that several domains use for one thing: what grows, where, and how it is repaid.

An enum that two subgraphs declare must have the same members in both, or the graph does not compose; so each of
these is declared once. `shared/graphql/vocabulary.py` gives them to the schema.
"""

from enum import StrEnum


class Crop(StrEnum):
    """What the financed cycle grows."""

    SOY = "SOY"
    MAIZE = "MAIZE"
    COFFEE = "COFFEE"
    SUGARCANE = "SUGARCANE"
    COTTON = "COTTON"
    RICE = "RICE"
    BEANS = "BEANS"
    WHEAT = "WHEAT"
    CASSAVA = "CASSAVA"
    COCOA = "COCOA"
    CITRUS = "CITRUS"
    FRUIT = "FRUIT"
    VEGETABLES = "VEGETABLES"
    DAIRY = "DAIRY"
    CATTLE = "CATTLE"
    OTHER = "OTHER"


class Region(StrEnum):
    """The 27 federative units (UF)."""

    AC = "AC"
    AL = "AL"
    AM = "AM"
    AP = "AP"
    BA = "BA"
    CE = "CE"
    DF = "DF"
    ES = "ES"
    GO = "GO"
    MA = "MA"
    MG = "MG"
    MS = "MS"
    MT = "MT"
    PA = "PA"
    PB = "PB"
    PE = "PE"
    PI = "PI"
    PR = "PR"
    RJ = "RJ"
    RN = "RN"
    RO = "RO"
    RR = "RR"
    RS = "RS"
    SC = "SC"
    SE = "SE"
    SP = "SP"
    TO = "TO"


IBGE_CODE_OF_REGION: dict[Region, str] = {
    Region.RO: "11", Region.AC: "12", Region.AM: "13", Region.RR: "14", Region.PA: "15", Region.AP: "16",
    Region.TO: "17", Region.MA: "21", Region.PI: "22", Region.CE: "23", Region.RN: "24", Region.PB: "25",
    Region.PE: "26", Region.AL: "27", Region.SE: "28", Region.BA: "29", Region.MG: "31", Region.ES: "32",
    Region.RJ: "33", Region.SP: "35", Region.PR: "41", Region.SC: "42", Region.RS: "43", Region.MS: "50",
    Region.MT: "51", Region.GO: "52", Region.DF: "53",
}  # fmt: skip
"""The first two digits of every municipality code of the region (IBGE, Divisão Territorial Brasileira)."""


class Amortisation(StrEnum):
    """How a CPR is repaid."""

    PRICE = "PRICE"
    """Equal installments."""
    SAC = "SAC"
    """Equal parts of the principal, falling interest."""
    BULLET = "BULLET"
    """Everything at once, at harvest."""


class RiskGrade(StrEnum):
    """How likely repayment is, A the likeliest."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
