"""Rubrics: items and what they give, marks made of them; flags, looks, answers set apart, comments withdrawn."""

import sqlalchemy as sa
from alembic import op

from grader.gradebook.utc_time import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "rubric_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_rubric_item_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_item")),
    )
    with op.batch_alter_table("rubric_item", schema=None) as batch_op:
        batch_op.create_index("ix_rubric_item_assignment_id_question", ["assignment_id", "question"], unique=False)

    op.create_table(
        "pricing",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["rubric_item.id"], name=op.f("fk_pricing_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing")),
    )
    with op.batch_alter_table("pricing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pricing_item_id"), ["item_id"], unique=False)

    op.create_table(
        "flag",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_flag_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index("ix_flag_submission_id_question", ["submission_id", "question"], unique=False)

    op.create_table(
        "look",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_look_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    with op.batch_alter_table("look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_look_attempt_id"), ["attempt_id"], unique=False)

    op.create_table(
        "apart",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_apart_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apart")),
    )
    with op.batch_alter_table("apart", schema=None) as batch_op:
        batch_op.create_index("ix_apart_submission_id_question", ["submission_id", "question"], unique=False)

    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.add_column(sa.Column("items", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdraws", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_comment_withdraws"), "comment", ["withdraws"], ["id"])
