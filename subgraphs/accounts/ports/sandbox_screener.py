"""
A screener that finds what a name says: no list is read.

| the name has the word | then |
|---|---|
| `Sancionada`, `Sancionado` | an entry of the United Nations' list may be them |
| `Exposta`, `Exposto` | so may one of the list of politically exposed people |

It misbehaves when told to (`unavailable_calls`), and has new lists when told so (`list_date`, `listed`).
"""

from datetime import date

from subgraphs.accounts.models.vocabulary import ScreeningList
from subgraphs.accounts.ports.screener import Match, Screened, ScreenerUnavailable, Subject

SANCTIONED = Match(ScreeningList.SANCTIONS, "CSNU 1267", "QDi.001")
EXPOSED = Match(ScreeningList.PEP, "PEP CGU", "2026-0001")
_WORDS = {"sancionada": SANCTIONED, "sancionado": SANCTIONED, "exposta": EXPOSED, "exposto": EXPOSED}


class SandboxScreener:
    def __init__(self) -> None:
        self.list_date = date(2026, 1, 1)
        self.listed: dict[str, Match] = {}
        """By tax id, besides what names say."""
        self.unavailable_calls = 0

    async def find_list_date(self) -> date:
        self._answer_or_fail()
        return self.list_date

    async def screen(self, subject: Subject) -> Screened:
        self._answer_or_fail()
        words = subject.full_name.lower().split()
        found = [_WORDS[word] for word in words if word in _WORDS]
        found += [self.listed[subject.tax_id]] if subject.tax_id in self.listed else []
        return Screened(self.list_date, tuple(dict.fromkeys(found)))

    def _answer_or_fail(self) -> None:
        if self.unavailable_calls > 0:
            self.unavailable_calls -= 1
            raise ScreenerUnavailable("the sandbox screener was told to be away")
