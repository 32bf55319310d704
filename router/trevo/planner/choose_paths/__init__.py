"""
The second stage: one path for every leaf, so that together they cost least.

The chosen paths grow into one `tree`; `place` says under which name each thing is read where a client has taken names.
"""

from trevo.planner.choose_paths.choose_paths import choose_paths
from trevo.planner.choose_paths.place import Place
from trevo.planner.choose_paths.tree import Branch, Tree

__all__ = ["Branch", "Place", "Tree", "choose_paths"]
