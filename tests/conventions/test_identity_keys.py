"""
Where the router tells things apart by `id()`.

A thing that can be a key is one: dataclasses that stand for themselves have `eq=False`. Two kinds of things cannot.
"""

import ast

from launch.home import ROOT

OF_DATA = {
    "door/exact_json.py",
    "execute/collect_parts.py",
    "execute/errors.py",
    "execute/place_errors.py",
    "projection/deferred.py",
    "projection/null_propagation.py",
    "projection/project_response.py",
}
"""Objects of decoded answers are dicts and lists, and errors of one text are still two."""

OF_SHARED_TREES = {
    "door/cache.py",
    "door/cost/pricing.py",
    "operation/deferral.py",
    "operation/normalize/add_contexts.py",
    "operation/normalize/merge.py",
    "plan/as_json.py",
    "planner/find_paths/walk.py",
}
"""What stands in many places is worked out once; to hash it by its content would walk it once for each place."""


def test_what_can_be_a_key_is_one() -> None:
    package = ROOT / "router" / "trevo"
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == "id" and isinstance(node.ctx, ast.Load)
    }
    assert found == OF_DATA | OF_SHARED_TREES
