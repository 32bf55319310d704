"""The body of a request over HTTP, within bounds."""

from starlette.requests import Request


class BadRequest(Exception):
    """A request that cannot be read as one; *status* and message go back as they are."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: Request, bytes_max: int) -> bytes:
    """The request's body. Raises BadRequest: 415 for a compressed one, 413 as soon as it is longer than *bytes_max*."""
    refuse_compressed(request.headers.get("content-encoding"))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        check_length(len(body), bytes_max)
    return bytes(body)


def check_length(length: int, bytes_max: int) -> None:
    """Raise BadRequest (413) for a body longer than *bytes_max*."""
    if length > bytes_max:
        raise BadRequest(413, f"The body is larger than {bytes_max} bytes.")


def refuse_compressed(encoding: str | None) -> None:
    """Raise BadRequest (415) for a compressed body: a few bytes of one can mean gigabytes, so none is unpacked."""
    if encoding is not None and encoding.strip().lower() != "identity":
        raise BadRequest(415, "Send the body uncompressed, without 'content-encoding'.")
