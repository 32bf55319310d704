"""The wallet: the double-entry ledger that holds people's money, and the ways money comes in and goes out."""
