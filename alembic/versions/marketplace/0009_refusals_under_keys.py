"""
The keys of requests already answered, a refusal as well; those from before are taken over.

A key was unique among one person's investments, offers, purchases or decisions, and is now among all. One that was
used for two of these stands for the older; the rows themselves keep it, and refuse it a second time.
"""

from alembic import op

revision = "marketplace_0009"
down_revision = "marketplace_0008"
branch_labels = None
depends_on = None

# As `Request.fingerprint` writes them: the operation and its content.
_TAKEN_OVER = """
    INSERT INTO idempotency_keys (user_id, key, fingerprint, result_id, created_at)
    SELECT user_id, key, sha256(convert_to(format('["%s", {"%s": "%s"}]', operation, name, content), 'UTF8')), id, at
    FROM (
        SELECT investor_id AS user_id, idempotency_key AS key, 'invest' AS operation, 'request' AS name,
               request_digest AS content, id, requested_at AS at FROM investments
        UNION ALL
        SELECT seller_id, idempotency_key, 'offer_quotas', 'request', request_digest, id, offered_at FROM quota_offers
        UNION ALL
        SELECT buyer_id, idempotency_key, 'buy_quotas', 'request', request_digest, id, requested_at FROM quota_purchases
        UNION ALL
        SELECT decided_by, idempotency_key, kind, 'offering', offering_id::text, offering_id, decided_at
        FROM offering_decisions) AS answered
    ORDER BY at
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE idempotency_keys (
            user_id uuid NOT NULL,
            key text NOT NULL,
            fingerprint bytea NOT NULL,
            result_id uuid NOT NULL,
            refusal jsonb,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key)
        )
        """
    )
    op.execute(_TAKEN_OVER)


def downgrade() -> None:
    """What was refused is looked at anew; what was done has its key in its row."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE idempotency_keys")
