"""Who asks: verifies tokens and decides which headers subgraphs get."""
