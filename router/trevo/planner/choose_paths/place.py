"""
Places of the data tree, and which response key means what there.

All answers are merged into one tree, the client's fields and those that keys and requirements need alike. Where the
client's `{ me { id: name } }` has taken the key `id` for something else, the key field `id` gets a key of its own
(`_id_1`) and is sent to subgraphs under its real name. The client's keys are all entered before planning begins, so
nothing has to be corrected later.
"""

from trevo.operation.selection import FieldSelection, Selections, fields_of

_Meaning = tuple[str, str]
"""A field's name and arguments."""


class Place:
    """One place, reached by response keys from the root; the same for every type an object there may have."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._meanings: dict[str, set[_Meaning]] = {}
        self._internal: dict[_Meaning, str] = {}

    @classmethod
    def of_client(cls, selections: Selections) -> "Place":
        """The root, knowing every key that the client selects anywhere."""
        root = cls()
        root._enter(selections)
        return root

    def below(self, key: str) -> "Place":
        """The place one key further."""
        if key not in self._places:
            self._places[key] = Place()
        return self._places[key]

    def key_for(self, field: FieldSelection) -> str:
        """
        The response key under which the planner itself reads a field here.

        The field's name, unless that is taken for something else; the client's own selection then serves both.
        A condition on the client's selection does not matter: the planner selects the field once more without it.
        """
        meaning = (field.name, field.arguments)
        if meaning not in self._internal:
            key = field.name
            number = 0
            while self._meanings.get(key, {meaning}) != {meaning}:
                number += 1
                key = f"_{field.name}_{number}"
            self._meanings.setdefault(key, {meaning})
            self._internal[meaning] = key
        return self._internal[meaning]

    def _enter(self, selections: Selections) -> None:
        for field in fields_of(selections):
            if not field.key:
                # No client's: its key is to be found among those that are free.
                continue
            self._meanings.setdefault(field.key, set()).add((field.name, field.arguments))
            if field.selections:
                self.below(field.key)._enter(field.selections)  # noqa: SLF001 - of the same class
