"""
A scorecard made from data: applicants with a seed, a logistic regression over classes, points, and a card about it all.

The steps in order of work: `population` makes the applicants, `classes` puts each into a band per factor and says what
the bands have to do with default, `logistic` weighs the factors, `train` turns weights into points, `judge` measures
them on applicants that they have not seen, `card` writes down what came of it. `recipe` says what to begin with.
"""
