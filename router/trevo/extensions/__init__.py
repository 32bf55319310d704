"""
Where a request can be looked at, changed and refused on its way: plain Python classes with hooks.

    extension.py        the hooks, and what each may change
    told.py             what they are told
    extensions.py       all of them, called one after another; what becomes of one that fails
    in_time.py          how long one is waited for; judge.py likewise for a new supergraph
    load.py             those that the settings name
    fetches.py          how the hooks of a fetch stand between a plan and its subgraphs

and the router's own, which are extensions like all others:

    cost_limit.py       what an operation may cost
    rate_limits.py      how often somebody may ask
    request_figures.py  figures of requests and fetches
    request_log.py      a line for each request
    plans_in_answers.py the plan in the answer, for who may see it
"""
