"""
Words that several domains use for one thing: what grows, where, and how it is repaid.

An enum that two subgraphs declare must have the same members in both, or the graph does not compose; so each of
these is declared once. `shared/graphql/vocabulary.py` gives them to the schema.
"""

from enum import StrEnum


class Crop(StrEnum):
    """What the financed cycle grows."""

    SOY = "SOY"
    """Soy (soja)."""
    MAIZE = "MAIZE"
    """Maize (milho)."""
    COFFEE = "COFFEE"
    """Coffee (café)."""
    SUGARCANE = "SUGARCANE"
    """Sugarcane (cana-de-açúcar)."""
    COTTON = "COTTON"
    """Cotton (algodão)."""
    RICE = "RICE"
    """Rice (arroz)."""
    BEANS = "BEANS"
    """Beans (feijão)."""
    WHEAT = "WHEAT"
    """Wheat (trigo)."""
    CASSAVA = "CASSAVA"
    """Cassava (mandioca)."""
    COCOA = "COCOA"
    """Cocoa (cacau)."""
    CITRUS = "CITRUS"
    """Oranges, limes and other citrus fruit (citros)."""
    FRUIT = "FRUIT"
    """Fruit other than citrus."""
    VEGETABLES = "VEGETABLES"
    """Vegetables (hortaliças)."""
    DAIRY = "DAIRY"
    """Dairy cattle, for milk."""
    CATTLE = "CATTLE"
    """Beef cattle."""
    OTHER = "OTHER"
    """Something else than all of these."""


class Region(StrEnum):
    """The 27 federative units (UF)."""

    AC = "AC"
    """Acre, in the North."""
    AL = "AL"
    """Alagoas, in the Northeast."""
    AM = "AM"
    """Amazonas, in the North."""
    AP = "AP"
    """Amapá, in the North."""
    BA = "BA"
    """Bahia, in the Northeast."""
    CE = "CE"
    """Ceará, in the Northeast."""
    DF = "DF"
    """Distrito Federal, in the Central-West."""
    ES = "ES"
    """Espírito Santo, in the Southeast."""
    GO = "GO"
    """Goiás, in the Central-West."""
    MA = "MA"
    """Maranhão, in the Northeast."""
    MG = "MG"
    """Minas Gerais, in the Southeast."""
    MS = "MS"
    """Mato Grosso do Sul, in the Central-West."""
    MT = "MT"
    """Mato Grosso, in the Central-West."""
    PA = "PA"
    """Pará, in the North."""
    PB = "PB"
    """Paraíba, in the Northeast."""
    PE = "PE"
    """Pernambuco, in the Northeast."""
    PI = "PI"
    """Piauí, in the Northeast."""
    PR = "PR"
    """Paraná, in the South."""
    RJ = "RJ"
    """Rio de Janeiro, in the Southeast."""
    RN = "RN"
    """Rio Grande do Norte, in the Northeast."""
    RO = "RO"
    """Rondônia, in the North."""
    RR = "RR"
    """Roraima, in the North."""
    RS = "RS"
    """Rio Grande do Sul, in the South."""
    SC = "SC"
    """Santa Catarina, in the South."""
    SE = "SE"
    """Sergipe, in the Northeast."""
    SP = "SP"
    """São Paulo, in the Southeast."""
    TO = "TO"
    """Tocantins, in the North."""


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
    """AgroScore 800 to 1000: repayment is the likeliest."""
    B = "B"
    """AgroScore 700 to 799."""
    C = "C"
    """AgroScore 600 to 699."""
    D = "D"
    """AgroScore 500 to 599."""
    E = "E"
    """AgroScore below 500: repayment is the least likely."""


class ConsentPurpose(StrEnum):
    """What a text asks people to agree to. Agreements and their withdrawal are accounts' facts."""

    TERMS_OF_USE = "TERMS_OF_USE"
    """The platform's terms of use: nobody has an account without."""
    PRIVACY_POLICY = "PRIVACY_POLICY"
    """How personal data are treated (LGPD, Lei 13.709/2018, art. 9): nobody has an account without."""
    CREDIT_BUREAU = "CREDIT_BUREAU"
    """Asking the central bank's SCR and credit bureaus about a farmer (Resolução CMN 5.037/2022, art. 12)."""
    INVESTMENT_RISK = "INVESTMENT_RISK"
    """The notice of what an investor may lose."""
    MARKETING = "MARKETING"
    """News and offers by e-mail and push, which nobody has to want."""
