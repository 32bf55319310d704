"""Distribution: every payment of an installment, split among those who held quotas when it was paid."""
