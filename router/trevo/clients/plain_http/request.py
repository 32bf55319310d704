"""A request as bytes, in one piece."""

from collections.abc import Mapping

from trevo.clients.carrier import check_names
from trevo.clients.plain_http.address import Address
from trevo.clients.plain_http.answer_reader import UNPACKED

ACCEPT_ENCODING = ", ".join(UNPACKED)
FORMS_MAX = 100


class RequestWriter:
    """
    Writes requests to one address.

    All but the values is known before, for each set of headers: it is kept as a form to be filled in. Whoever sends a
    new set each time gets a form that is not kept.
    """

    def __init__(self, address: Address) -> None:
        self._start = f"POST {address.target} HTTP/1.1\r\nhost: {address.authority}\r\n"
        self._forms: dict[tuple[str, ...], str] = {}

    def write(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """The request. Raises ValueError if a header cannot be sent as it is."""
        names = tuple(headers)
        form = self._forms.get(names)
        if form is None:
            form = self._make_form(names)
            if len(self._forms) < FORMS_MAX:
                self._forms[names] = form
        head = form % (*headers.values(), len(body))
        # Each line has one end, and it is ours: a value with another would be a header of its own, or a request.
        lines = len(names) + 5
        if head.count("\n") != lines or head.count("\r") != lines or "\0" in head:
            raise ValueError("a header's value has a line end or a zero in it")
        return head.encode() + body

    def _make_form(self, names: tuple[str, ...]) -> str:
        check_names(names)
        start = f"{self._start}accept-encoding: {ACCEPT_ENCODING}\r\n".replace("%", "%%")
        lines = "".join(f"{name.replace('%', '%%')}: %s\r\n" for name in names)
        return f"{start}{lines}content-length: %d\r\n\r\n"
