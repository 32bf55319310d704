"""An answer other than the file: JSON with a code and a message in both languages."""

from typing import Any

import orjson
from fastapi import Response

NOT_FOUND = (404, "NOT_FOUND", "Arquivo não encontrado.", "There is no such file.")
"""Also of a file that is not the asker's."""


class Refused(Exception):
    """An answer other than the file."""

    def __init__(self, status: int, code: str, message: str, message_english: str, **details: Any) -> None:
        super().__init__(message_english)
        self.status = status
        self.body = {"code": code, "message": message, "messageEnglish": message_english, **details}

    def answer(self) -> Response:
        headers = {"cache-control": "no-store"}
        if self.status == 401:
            headers["www-authenticate"] = "Bearer"
        return Response(orjson.dumps(self.body), self.status, headers=headers, media_type="application/json")
