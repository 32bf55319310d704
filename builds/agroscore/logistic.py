"""Logistic regression by Newton's method, over rows that are counted where they are alike."""

import math
from collections.abc import Mapping, Sequence

STEP_MIN = 1e-10
STEPS_MAX = 50

Row = tuple[float, ...]


class NoFit(Exception):
    """There is no one answer: a column tells good from bad without a mistake, or follows from the others."""


def fit(counts: Mapping[Row, tuple[int, int]]) -> list[float]:
    """
    The intercept, then the weight of each column, that make what was seen the likeliest.

    *counts* says of each row of columns how often it was good and how often it was not. Sums are exact before they are
    rounded, so the order of rows does not matter. Raises NoFit.
    """
    rows = [((1.0, *row), good, good + bad) for row, (good, bad) in counts.items()]
    columns = range(len(rows[0][0]))
    weights = [0.0 for _ in columns]
    for _ in range(STEPS_MAX):
        errors, bends = [], []
        for row, good, total in rows:
            chance = _logistic(math.fsum(weight * value for weight, value in zip(weights, row, strict=True)))
            errors.append(good - total * chance)
            bends.append(total * chance * (1 - chance))
        slope = [math.fsum(error * row[i] for error, (row, _, _) in zip(errors, rows, strict=True)) for i in columns]
        curve = [[0.0 for _ in columns] for _ in columns]
        for i in columns:
            for j in range(i + 1):
                bent = math.fsum(bend * row[i] * row[j] for bend, (row, _, _) in zip(bends, rows, strict=True))
                curve[i][j] = curve[j][i] = bent
        step = solve(curve, slope)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < STEP_MIN:
            return weights
    raise NoFit(f"still moving after {STEPS_MAX} steps")


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of *matrix* x = *right*, by elimination with the greatest pivot. Raises NoFit without one."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for place in range(size):
        pivot = max(range(place, size), key=lambda at: abs(rows[at][place]))
        if abs(rows[pivot][place]) < STEP_MIN:
            raise NoFit("a column follows from the others")
        rows[place], rows[pivot] = rows[pivot], rows[place]
        for below in range(place + 1, size):
            times = rows[below][place] / rows[place][place]
            rows[below] = [value - times * above for value, above in zip(rows[below], rows[place], strict=True)]
    solution = [0.0] * size
    for place in reversed(range(size)):
        known = math.fsum(rows[place][after] * solution[after] for after in range(place + 1, size))
        solution[place] = (rows[place][size] - known) / rows[place][place]
    return solution


def _logistic(log_odds: float) -> float:
    # Of a large negative number the other form would overflow.
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else math.exp(log_odds) / (1 + math.exp(log_odds))
