"""
Many copies of what was told: `make seed-data N=`, for trials of what grows.

The story is told once through the public endpoint (`story/`). Each domain's rows of it are then copied, with the rights
of the domain's own role and under all of its constraints and triggers, so that the databases promise of a copy what
they promise of the story. Ids, names and moments of a copy follow from its number and the told ones alone, by one rule
in all domains (`copies.py`); so do those that lie inside of texts and JSON. What the rule cannot know of a table is in
`rules.py`, and a test fails over a table that neither knows.

The staff, the platform's own accounts, dated rules and the chains over them are everybody's and stay single.
"""
