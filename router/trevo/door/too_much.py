"""The one way in which this package says no."""

from typing import Any


class TooMuch(Exception):
    """
    More is asked for than a bound allows, and which one.

    *code* is stable and the message is written for the client; *extensions* are further figures for it. Each door turns
    this into its own kind of refusal.
    """

    def __init__(self, code: str, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extensions = extensions
