"""How often somebody has asked: where the buckets are kept."""
