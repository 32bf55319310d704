"""
A paper as PDF: A4, page by page, drawn line by line.

What goes where is found first (`_Pages`), then drawn, so that each page can say how many there are. The letters are
Helvetica, which every reader has; a character that it lacks is written without its accent, or as a question mark.
"""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from subgraphs.shared.exports.paper import Cell, Column, Paper, Table, in_brasilia, written

MEDIA_TYPE = "application/pdf"

A4 = (595.28, 841.89)
"""Points, of which 72 are an inch."""
MARGIN = 36.0
FOOT = 24.0
"""Kept below the margin's line for the page's number."""
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
TITLE_SIZE, HEADING_SIZE, TEXT_SIZE, CELL_SIZE, NOTE_SIZE = 14.0, 10.0, 9.0, 6.8, 7.5
CELL_SIZE_MIN = 5.0
"""A text that does not fit into its cell is written smaller first, then cut."""
LEADING = 1.5
"""From line to line, in sizes of the letters."""
LABEL_WIDTH = 130.0
CELL_GAP = 3.0
GREY = 0.9

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class _Text:
    x: float
    y: float
    text: str
    font: str
    size: float
    ends_at_x: bool = False
    """Whether *x* is where it ends."""


@dataclass(frozen=True, slots=True)
class _Band:
    """A grey ground, *height* up from *y* and as wide as the page."""

    y: float
    height: float


@dataclass
class _Pages:
    """What has been put where, from the top down; a new page begins where one is full."""

    width: float
    height: float
    pages: list[list[_Text | _Band]] = field(default_factory=lambda: [[]])
    y: float = 0.0

    def __post_init__(self) -> None:
        self.y = self.height - MARGIN

    @property
    def inner_width(self) -> float:
        return self.width - 2 * MARGIN

    def has_room(self, height: float) -> bool:
        return self.y - height >= MARGIN + FOOT

    def turn(self) -> None:
        self.pages.append([])
        self.y = self.height - MARGIN

    def take(self, height: float) -> None:
        """Go down by *height*, to the next page if need be."""
        if not self.has_room(height):
            self.turn()
        self.y -= height

    def put(self, *things: _Text | _Band) -> None:
        self.pages[-1].extend(things)


def pdf_bytes(paper: Paper) -> bytes:
    """*paper* as a PDF document; the same paper makes the same bytes."""
    # Only who asks for a PDF pays for it: the library is 15 MB of memory in a process.
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    width, height = reversed(A4) if paper.is_wide else A4
    pages = _Pages(width, height)
    _put_head(pages, paper)
    for table in paper.tables:
        _put_table(pages, table, stringWidth)
    for note in paper.notes:
        _put_note(pages, note, stringWidth)

    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(width, height), invariant=1, pageCompression=1, lang="pt-BR")
    canvas.setTitle(paper.title)
    canvas.setAuthor("Peerseed")
    for number, page in enumerate(pages.pages, start=1):
        for thing in page:
            _draw(canvas, thing, pages.inner_width)
        made_at = f"Emitido em {in_brasilia(paper.made_at):%d/%m/%Y %H:%M} (horário de Brasília)"
        of = f"Página {number} de {len(pages.pages)}"
        _draw(canvas, _Text(MARGIN, MARGIN, made_at, PLAIN, NOTE_SIZE), 0)
        _draw(canvas, _Text(width - MARGIN, MARGIN, of, PLAIN, NOTE_SIZE, ends_at_x=True), 0)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _draw(canvas: Any, thing: _Text | _Band, width: float) -> None:
    if isinstance(thing, _Band):
        canvas.setFillGray(GREY)
        canvas.rect(MARGIN, thing.y, width, thing.height, stroke=0, fill=1)
        canvas.setFillGray(0)
        return
    canvas.setFont(thing.font, thing.size)
    draw = canvas.drawRightString if thing.ends_at_x else canvas.drawString
    draw(thing.x, thing.y, thing.text)


def _put_head(pages: _Pages, paper: Paper) -> None:
    pages.take(TITLE_SIZE)
    pages.put(_Text(MARGIN, pages.y, in_letters(paper.title), BOLD, TITLE_SIZE))
    pages.take(TEXT_SIZE)
    for label, value in paper.facts:
        pages.take(TEXT_SIZE * LEADING)
        pages.put(
            _Text(MARGIN, pages.y, in_letters(label), BOLD, TEXT_SIZE),
            _Text(MARGIN + LABEL_WIDTH, pages.y, in_letters(value), PLAIN, TEXT_SIZE),
        )


def _put_table(pages: _Pages, table: Table, measure: Any) -> None:
    line = CELL_SIZE * LEADING
    # A title and the first row stay together.
    if not pages.has_room(2 * HEADING_SIZE * LEADING + 3 * line):
        pages.turn()
    if table.title:
        pages.take(2 * HEADING_SIZE * LEADING)
        pages.put(_Text(MARGIN, pages.y, in_letters(table.title), BOLD, HEADING_SIZE))
        pages.take(HEADING_SIZE / 2)
    row = _Row(pages, table.columns, measure)
    row.put_titles()
    if not table.rows and table.if_empty:
        pages.take(line)
        pages.put(_Text(MARGIN + CELL_GAP, pages.y, in_letters(table.if_empty), PLAIN, CELL_SIZE))
    for cells in table.rows:
        row.put(cells)
    if table.sums is not None and table.rows:
        row.put(table.sums, font=BOLD)


@dataclass
class _Row:
    """Puts rows of one table, with its columns' titles at the top of each page."""

    pages: _Pages
    columns: Sequence[Column]
    measure: Any
    edges: list[float] = field(init=False)
    """Where each column begins, and where the last one ends."""

    def __post_init__(self) -> None:
        unit = self.pages.inner_width / sum(column.width for column in self.columns)
        self.edges = [MARGIN]
        for column in self.columns:
            self.edges.append(self.edges[-1] + column.width * unit)

    def put_titles(self) -> None:
        line = CELL_SIZE * LEADING
        self.pages.take(line)
        self.pages.put(_Band(self.pages.y - CELL_SIZE * 0.3, line))
        self._put_cells([column.title for column in self.columns], BOLD)

    def put(self, cells: Sequence[Cell], *, font: str = PLAIN) -> None:
        if not self.pages.has_room(CELL_SIZE * LEADING):
            self.pages.turn()
            self.put_titles()
        self.pages.take(CELL_SIZE * LEADING)
        texts = [written(column.kind, cell) for column, cell in zip(self.columns, cells, strict=True)]
        self._put_cells(texts, font)

    def _put_cells(self, texts: Sequence[str], font: str) -> None:
        for place, (column, text) in enumerate(zip(self.columns, texts, strict=True)):
            begin, end = self.edges[place] + CELL_GAP, self.edges[place + 1] - CELL_GAP
            shown, y, room = in_letters(text), self.pages.y, end - begin
            size = CELL_SIZE * min(1, room / max(self.measure(shown, font, CELL_SIZE), 1))
            if column.kind.is_number:
                # Without its last digits a figure would be another one: it is never cut.
                self.pages.put(_Text(end, y, shown, font, size, ends_at_x=True))
                continue
            if size < CELL_SIZE_MIN:
                size, shown = CELL_SIZE_MIN, self._cut(shown, font, room)
            self.pages.put(_Text(begin, y, shown, font, size))

    def _cut(self, text: str, font: str, room: float) -> str:
        """As many of *text*'s smallest letters as fit into *room*."""
        while text and self.measure(text + ELLIPSIS, font, CELL_SIZE_MIN) > room:
            text = text[:-1]
        return text + ELLIPSIS


def _put_note(pages: _Pages, note: str, measure: Any) -> None:
    pages.take(NOTE_SIZE / 2)
    line = ""
    for word in in_letters(note).split():
        longer = f"{line} {word}".strip()
        if line and measure(longer, PLAIN, NOTE_SIZE) > pages.inner_width:
            _put_note_line(pages, line)
            longer = word
        line = longer
    _put_note_line(pages, line)


def _put_note_line(pages: _Pages, line: str) -> None:
    pages.take(NOTE_SIZE * LEADING)
    pages.put(_Text(MARGIN, pages.y, line, PLAIN, NOTE_SIZE))


def in_letters(text: str) -> str:
    """*text* in the characters that the font has (Windows-1252), without control characters."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable() and _is_in_font(text):
        return text
    return "".join(_letter(character) for character in text)


def _letter(character: str) -> str:
    if not character.isprintable():
        return " "
    parts = unicodedata.normalize("NFKD", character)
    without_marks = "".join(part for part in parts if not unicodedata.combining(part))
    return next((form for form in (character, without_marks) if _is_in_font(form)), "?")


def _is_in_font(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
