"""An index that finds the attempt of a submission that counts without reading what its checks gave."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempt_submission_id_counts", ["submission_id", "counts", "number", "score"], unique=False
        )
