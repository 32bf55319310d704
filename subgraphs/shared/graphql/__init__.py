"""GraphQL as every subgraph serves it: scalars, money, context, entities, refusals, masking."""
