"""The wallet's verbs and the rules they keep."""
