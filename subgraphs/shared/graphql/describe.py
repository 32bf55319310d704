"""
What is described here and by nobody else: the types that every subgraph has, and the members of enumerations.

What a member means is said in the line under it, where it is declared, whichever layer that is:

    class PayoutStatus(StrEnum):
        PENDING = "PENDING"
        '''It is on its way to the wallet.'''

Python keeps no docstring of a member, and Strawberry's own form for it would make the members of columns something
else than texts. So the source is read, once per module, when a schema is made.
"""

import ast
import inspect
from collections.abc import Mapping
from enum import EnumType
from functools import cache
from itertools import pairwise
from types import ModuleType

from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLSchema
from strawberry.types.enum import StrawberryEnumDefinition

TYPES: Mapping[str, str] = {
    "Query": "What can be read. Each field says who may ask; what is not the asker's to see is null.",
    "Mutation": "What can be done. Each answers with its success, or with the rule that said no.",
    "Subscription": "What can be listened to, over server-sent events or a web socket.",
    "_Any": "An entity's type name and key, as the federation specification has it.",
    "_Entity": "Whatever the router can ask for by its key.",
    "_Service": "This subgraph, for who composes the supergraph.",
}

FIELDS: Mapping[tuple[str, str], str] = {
    ("Query", "_service"): "For who composes the supergraph: this subgraph's schema.",
    ("Query", "_entities"): "For the router: objects of this subgraph by their keys, in the order asked; null where "
    "there is none that the asker may see.",
    ("_Service", "sdl"): "The schema in the schema definition language.",
}


def describe(schema: GraphQLSchema) -> None:
    """Give *schema* the descriptions that are said here or under members."""
    for name, type_ in schema.type_map.items():
        type_.description = TYPES.get(name, type_.description)
        if isinstance(type_, GraphQLObjectType):
            for field_name, field in type_.fields.items():
                field.description = FIELDS.get((name, field_name), field.description)
                if (name, field_name) == ("Query", "_entities"):
                    field.args["representations"].description = "Type names and keys, in any order."
        elif isinstance(type_, GraphQLEnumType):
            definition = type_.extensions.get("strawberry-definition")
            if isinstance(definition, StrawberryEnumDefinition):
                said = said_of_members(definition.wrapped_cls)
                for member, value in type_.values.items():
                    value.description = said.get(member, value.description)


def said_of_members(members: EnumType) -> Mapping[str, str]:
    """By member's name, what is said under it, in one line."""
    module = inspect.getmodule(members)
    assert module is not None  # noqa: S101  # a class is declared in one
    return _said_in(module).get(members.__name__, {})


@cache
def _said_in(module: ModuleType) -> Mapping[str, Mapping[str, str]]:
    tree = ast.parse(inspect.getsource(module))
    return {each.name: _said_under(each.body) for each in tree.body if isinstance(each, ast.ClassDef)}


def _said_under(body: list[ast.stmt]) -> Mapping[str, str]:
    said = {}
    for statement, following in pairwise(body):
        match statement, following:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(text))):
                said[name] = " ".join(text.split())
    return said
