"""Where files are, on the product's own address. `files.py` serves them."""

from uuid import UUID


def income_statement_path(investor_id: UUID, year: int) -> str:
    return f"/distribution/income-statements/{investor_id}/{year}.pdf"
