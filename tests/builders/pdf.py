"""What a reader sees on a PDF: its texts, page by page, in the order in which they were written."""

import io

from pypdf import PdfReader


def pages_of(content: bytes) -> list[list[str]]:
    """Without empty texts, and without blanks at both ends of the others."""
    pages = [page.extract_text().split("\n") for page in PdfReader(io.BytesIO(content)).pages]
    return [[text.strip() for text in page if text.strip()] for page in pages]


def text_of(content: bytes) -> list[str]:
    """All texts of all pages."""
    return [text for page in pages_of(content) for text in page]
