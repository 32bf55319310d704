"""`python -m trevo explain`: every stage as text."""

import re
from pathlib import Path

import pytest

from tests.router.planner.test_plans import CASES, HEADER
from trevo.__main__ import main

OPERATION = "query ($a: Boolean!) { books { title copies year @include(if: $a) } }"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """An operation and a supergraph."""
    body = (CASES / "keys.md").read_text().split("```supergraph\n")[1].split("```")[0]
    supergraph, operation = tmp_path / "supergraph.graphql", tmp_path / "operation.graphql"
    supergraph.write_text(HEADER % "" + body)
    operation.write_text(OPERATION)
    return operation, supergraph


def explained(stage: str, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> str:
    operation, supergraph = files
    assert main(["explain", stage, str(operation), "--supergraph", str(supergraph)]) == 0
    return capsys.readouterr().out


def test_the_graph_has_the_nodes_that_the_operation_comes_by(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text = explained("graph", files, capsys)
    assert "Book(stock) (object)\n  Book(stock) ─slot→ Slot(stock)\n  Book(stock) ─isbn→ String!\n" in text
    assert "Book ─key { slot { code } }→ Book(archive)\n" in text
    assert "Shelf" not in text.replace("shelves→ Shelf(catalog)", "")


def test_paths_are_shown_with_their_costs_and_the_tree_of_those_chosen(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained("paths", files, capsys) == (
        "  1002  ─ask anew→ Query(catalog) ─books→ Book(catalog) ─title→\n"
        "  2003  ─ask anew→ Query(catalog) ─books→ Book(catalog) ─key { isbn }→ Book(stock) ─copies→\n"
        "  3005  ─ask anew→ Query(catalog) ─books→ Book(catalog) ─key { slot { code } }→ Book(archive) ─year→\n"
        "\n"
        "start\n"
        "   enter Query(catalog)\n"
        "      books\n"
        "         title\n"
        "         enter Book(stock) by { isbn }\n"
        "            copies\n"
        "            slot  (@include(if: $a))\n"
        "               code  (@include(if: $a))\n"
        "         isbn\n"
        "         enter Book(archive) by { slot { code } }  (@include(if: $a))\n"
        "            year  (@include(if: $a))\n"
    )


def test_steps_say_whom_they_come_after(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert explained("steps", files, capsys) == (
        "[0] query of catalog\n"
        "    { books { title isbn } }\n"
        "[1] entities of stock at books.@ after 0\n"
        "    { ... on Book { copies slot @include(if: $a) { code } } }\n"
        "[2] entities of archive at books.@ after 0, 1 @include(if: $a)\n"
        "    { ... on Book { year } }\n"
    )


def test_the_plan_is_the_plan(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        explained("plan", files, capsys)
        == """QueryPlan {
  Sequence {
    Fetch(service: "catalog") { { books { title isbn } } }
    Flatten(path: "books.@") {
      Fetch(service: "stock") {
        { ... on Book { __typename isbn } } => { ... on Book { copies slot @include(if: $a) { code } } }
      }
    }
    Include(if: $a) {
      Flatten(path: "books.@") {
        Fetch(service: "archive") { { ... on Book { __typename slot { code } } } => { ... on Book { year } } }
      }
    }
  }
}
"""
    )


def test_the_projection_shows_what_may_come(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    files[0].write_text("query ($a: Boolean!, $b: Boolean!) { books { title @skip(if: $b) year @include(if: $a) } }")
    assert explained("projection", files, capsys) == "Query\n  books: [Book!]!\n    title: String\n    year: Int\n\n"


def test_the_code_is_what_runs(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    text = explained("code", files, capsys)
    assert text.startswith(
        "# T[n] is the answer to a request, or the table of a call: what was sent, what was answered.\n"
        "# step 0: catalog → T[1]\n"
        "# step 1 after 0: stock → T[2] by collect_2\n"
        "# step 2 after 1: archive → T[3] by collect_3\n"
    )
    assert (
        """
def collect_2(T):
    T1 = T[1]
    found = {}
    v1 = T1['books']
    if v1 is not None:
        for x2 in watched(v1):
            if x2 is not None:
                v3 = x2['isbn']
                if v3 is None:
                    unusual()
                found[v3] = None
    return found, [{'__typename': 'Book', 'isbn': a4} for a4 in watched(list(found))]
"""
        in text
    )


def test_where_there_is_no_code_it_says_why(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    operation, supergraph = files
    operation.write_text("{ __schema { queryType { name } } books { title } }")
    assert main(["explain", "code", str(operation), "--supergraph", str(supergraph)]) == 1
    assert capsys.readouterr().err == "There is no code for this, the interpreter runs it: introspection\n"


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("{ books {", "The operation is not valid GraphQL: Syntax Error: Expected Name, found <EOF>.\n"),
        ("{ cooks }", "Cannot query field 'cooks' on type 'Query'. Did you mean 'books'?\n"),
        ("query A { __typename } query B { __typename }", "The file has 2 operations; one is wanted.\n"),
    ],
)
def test_what_cannot_be_explained_says_why(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], operation: str, message: str
) -> None:
    files[0].write_text(operation)
    assert main(["explain", "plan", str(files[0]), "--supergraph", str(files[1])]) == 1
    assert capsys.readouterr().err == message


def test_a_missing_file_is_named(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "plan", "nowhere.graphql", "--supergraph", str(files[1])]) == 1
    assert "nowhere.graphql" in capsys.readouterr().err


def test_a_subscription_is_explained_like_any_operation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (CASES / "subscriptions.md").read_text().split("```supergraph\n")[1].split("```")[0]
    supergraph, operation = tmp_path / "supergraph.graphql", tmp_path / "operation.graphql"
    supergraph.write_text(HEADER % "subscription: Subscription" + body)
    operation.write_text("subscription { turned { favourite { id } } }")
    files = operation, supergraph
    assert explained("plan", files, capsys).startswith("QueryPlan {\n  Subscription {\n    Primary: {\n")
    assert "Subscription(matches) (object)\n" in explained("graph", files, capsys)
    assert explained("steps", files, capsys).startswith("[0] subscription of matches\n")
    assert "turned" in explained("projection", files, capsys)


def test_the_cost_is_a_tree_with_the_variables_given(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained("cost", files, capsys) == "cost: 10\n  books: 10 × 1 = 10\n"
    operation, supergraph = files
    operation.write_text("query ($a: Boolean!) { books @include(if: $a) { title } }")
    command = ["explain", "cost", str(operation), "--supergraph", str(supergraph), "--variables"]
    assert main([*command, '{"a": false}']) == 0
    assert capsys.readouterr().out == "cost: 0\n  books: skipped\n"
    assert main([*command, "{"]) == 1
    assert capsys.readouterr().err.startswith("The variables are not JSON")


GUARDED_OPERATION = "query ($a: Boolean!) { books { title copies @include(if: $a) } }"


@pytest.fixture
def guarded(files: tuple[Path, Path]) -> tuple[Path, Path]:
    operation, supergraph = files
    link = '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)'
    text = supergraph.read_text().replace("{ query: Query", link + " { query: Query", 1)
    supergraph.write_text(text.replace(" copies: Int", ' copies: Int @requiresScopes(scopes: [["stock"]])'))
    operation.write_text(GUARDED_OPERATION)
    return operation, supergraph


@pytest.mark.parametrize(
    ("options", "services", "left_out"),
    [
        ((), ["catalog", "stock"], ""),
        (("--scopes", "stock"), ["catalog", "stock"], ""),
        (("--scopes", ""), ["catalog"], "Book.copies @include(if: $a)"),
        (("--anonymous",), ["catalog"], "Book.copies @include(if: $a)"),
        (("--policy", "owner"), ["catalog"], "Book.copies @include(if: $a)"),
    ],
)
def test_a_plan_for_somebody_says_what_is_left_out(
    guarded: tuple[Path, Path],
    options: tuple[str, ...],
    services: list[str],
    left_out: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operation, supergraph = guarded
    assert main(["explain", "plan", str(operation), "--supergraph", str(supergraph), *options]) == 0
    plan, _, rest = capsys.readouterr().out.partition("\nLeft out:\n")
    assert re.findall(r'service: "(\w+)"', plan) == services
    assert rest.strip() == left_out


def test_a_projection_for_somebody_has_what_is_denied(
    guarded: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    operation, supergraph = guarded
    assert main(["explain", "projection", str(operation), "--supergraph", str(supergraph), "--anonymous"]) == 0
    assert "    copies: denied\n" in capsys.readouterr().out


def test_steps_say_what_of_them_could_go_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (CASES / "requires.md").read_text().split("```supergraph\n")[1].split("```")[0]
    supergraph, operation = tmp_path / "supergraph.graphql", tmp_path / "operation.graphql"
    supergraph.write_text(HEADER % "" + body)
    operation.write_text("{ top { plain score } }")
    assert explained("steps", (operation, supergraph), capsys) == (
        "[0] query of market\n"
        "    { top { id amount weight } }\n"
        "[1] entities of risk at top after 0\n"
        "    { ... on Offer { plain score } }\n"
        "    alone [1] after 0 { ... on Offer { plain } }\n"
        "    alone [2] after 0 { ... on Offer { score } }\n"
    )
