"""
The first stage: every cheapest way to reach every leaf.

A `walk` goes down the selections along `path`s; where a field is not to be had in the subgraph it is in, `ways` says
which others can be entered from there, by which keys.
"""

from trevo.planner.find_paths.find_paths import find_paths
from trevo.planner.find_paths.path import Path
from trevo.planner.find_paths.walk import Leaf
from trevo.planner.find_paths.ways import KnownWays, Ways

__all__ = ["KnownWays", "Leaf", "Path", "Ways", "find_paths"]
