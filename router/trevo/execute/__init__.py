"""Runs a plan: asks the subgraphs, merges what they answer, and keeps account of what failed."""
