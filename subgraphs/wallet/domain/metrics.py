"""What the wallet counts, for Prometheus."""

from prometheus_client import Counter, Gauge

payments_received = Counter(
    "wallet_payments_received", "Payments that the gateway reported, by where their money went.", ["outcome"]
)
webhooks = Counter("wallet_webhooks", "Webhooks of the gateway, by the HTTP status of our answer.", ["status"])
books_problems = Gauge("wallet_books_problems", "What the last books check found wrong; anything but 0 needs people.")
