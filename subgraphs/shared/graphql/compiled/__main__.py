"""Print the code of a document: `python -m subgraphs.shared.graphql.compiled subgraphs.wallet.api.schema FILE`."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from graphql import parse

from subgraphs.shared.graphql.compiled.asked import AskedDocument
from subgraphs.shared.graphql.compiled.write import write_program


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the Python that is written for a document.")
    parser.add_argument("module", help="where `schema` is, such as subgraphs.wallet.api.schema")
    parser.add_argument("file", type=Path, help="the document, as a subgraph gets it")
    parser.add_argument("--operation", help="its name, where there are several")
    parser.add_argument("--conditions", default="{}", help="values of variables in @skip and @include, as JSON")
    given = parser.parse_args()
    asked = AskedDocument.of(parse(given.file.read_text()), given.operation)
    program = write_program(import_module(given.module).schema, asked, json.loads(given.conditions))
    sys.stdout.write(program.text)


if __name__ == "__main__":
    main()
