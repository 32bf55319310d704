"""What a file is, told from its content: names and headers are what the sender says, bytes are what arrives."""

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"

PDF_TRAILER_BYTES = 1_024
"""Where a PDF's end mark may stand (ISO 32000-1, implementation note 18)."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB\x60\x82"


def find_media_type(content: bytes) -> str | None:
    """
    The media type of a whole PDF, JPEG or PNG; None for anything else.

    Begin and end are both looked at: an upload that was cut off is refused while the sender can still repeat it.
    """
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TRAILER_BYTES:]:
        return PDF
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return JPEG
    if content.startswith(_PNG_SIGNATURE) and content[12:16] == b"IHDR" and content.endswith(_PNG_END):
        return PNG
    return None
