"""
A table as CSV (RFC 4180), in the form that spreadsheets set to Brazil read by a double click.

Semicolons part cells, as the comma is the decimal's; a byte order mark says that it is UTF-8. Amounts have no dots
between thousands. A text that a spreadsheet would take for a formula, and run, begins with an apostrophe instead.
"""

import csv
import io

from subgraphs.shared.exports.paper import Cell, Kind, Table, written

MEDIA_TYPE = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = "\ufeff"

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""OWASP's list, and what further programs take for the beginning of one."""


def csv_bytes(table: Table) -> bytes:
    """*table* with its columns' titles, without title and sums."""
    text = io.StringIO(BYTE_ORDER_MARK)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    kinds = [column.kind for column in table.columns]
    writer.writerow([column.title for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(kind, cell) for kind, cell in zip(kinds, row, strict=True)])
    return text.getvalue().encode()


def _cell(kind: Kind, cell: Cell) -> str:
    text = written(kind, cell)
    if kind is Kind.MONEY:
        return text.replace(".", "")
    if kind is Kind.TEXT and text.lstrip().startswith(FORMULA_BEGINS):
        return f"'{text}"
    return text
