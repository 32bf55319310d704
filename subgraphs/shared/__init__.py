"""The kernel all subgraphs stand on. It admits no noun of a single domain."""
