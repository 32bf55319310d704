"""Measurements: one folder per question, its results beside it. Ratios within one run count, absolute figures drift."""
