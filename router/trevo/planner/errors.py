"""Why an operation has no plan. All messages are for the client."""


class PlanningError(Exception):
    """No subgraph, or no combination of them, can answer; the message names the field, and says from where and why."""

    code = "PLANNING_FAILED"
    status = 500


class DirectiveNotPassedOnError(PlanningError):
    """A directive for subgraphs stands where it cannot reach them."""

    code = "DIRECTIVE_NOT_PASSED_ON"
    status = 400


class PlanningLimitError(PlanningError):
    """Finding the plan would cost more than one request may; the message says what to make smaller."""

    code = "PLANNING_LIMIT_EXCEEDED"
    status = 400


class PlanningTookLong(PlanningLimitError):
    """It has cost more CPU time than the limits give; who gave little at first may try again with more."""
