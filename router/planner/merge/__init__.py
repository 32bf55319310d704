"""Puts fetch steps together, so that fewer requests give the same data."""

from router.planner.merge.merge_siblings import merge_siblings

__all__ = ["merge_siblings"]
