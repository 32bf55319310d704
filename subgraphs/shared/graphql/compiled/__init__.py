"""
Documents as Python: what the router asks again and again is executed by code that was written for it once.

    documents.py   which documents have code, when it is tried, how that is counted
    asked.py       the operation that is meant, what decides what it selects, its variables
    write.py       a document over a schema, as Python functions; module.py: their text and names
    fields.py      what has to be known of Strawberry for it: how a field is resolved, a type told, a scalar written
    run.py         what the written code uses while it runs

graphql-core asks for every value of every answer of what type it is, whether anybody waits for it, what is selected of
it. For one document over one schema that is known beforehand. The code reads attributes directly, calls resolvers with
arguments that were converted once, awaits those together that wait, and writes scalars by literal code.

It decides nothing about faults. At the first exception, null that may not be, or value that is not what its type
promises, it gives up, and graphql-core executes the document from the beginning, as it does all that has no code: there
is one place that says what an error looks like. So only queries have code, since asking them twice changes nothing; and
what loaders found in the first walk is at hand in the second.

`python -m subgraphs.shared.graphql.compiled MODULE FILE` prints the code of a document.
"""
