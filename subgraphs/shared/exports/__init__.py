"""
What the graph shows, as files for people: CSV for spreadsheets, PDF to keep or to hand in.

A domain says what is on a `Paper`; how it looks, how it is downloaded and what bounds it is the same for all.
"""
