"""Schedule campaigns.

Revision 0005, after 0004.

A revision that was released is never changed; the next one mends it. While it runs, workers of the version before
may be sending: add first, fill, and take away only in a later release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(length=32), nullable=False),
        sa.Column("time", sa.String(length=5), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("local_time", sa.Boolean(), nullable=False),
        sa.Column("catch_up_hours", sa.Float(), nullable=True),
        sa.Column("next_wall", sa.String(length=19), nullable=True),
        sa.Column("next_fire_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(next_wall IS NULL) = (next_fire_at IS NULL)", name=op.f("ck_schedules_next")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_schedules_list_id_lists")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint(
            "list_id", "weekdays", "time", "timezone", name=op.f("uq_schedules_list_id_weekdays_time_timezone")
        ),
    )
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.create_index("ix_schedules_next_fire_at", ["next_fire_at"], unique=False)

    op.create_table(
        "occurrences",
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("wall_time", sa.String(length=19), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome <> 'begun' OR campaign_id IS NOT NULL", name=op.f("ck_occurrences_begun")),
        sa.CheckConstraint("outcome IN ('begun', 'nothing', 'missed')", name=op.f("ck_occurrences_outcome")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_occurrences_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_occurrences_schedule_id_schedules")),
        sa.PrimaryKeyConstraint("schedule_id", "wall_time", name=op.f("pk_occurrences")),
    )
    # each constraint comes with the last of its columns: SQLite would else have to write the table anew
    waits_for_a_time = sa.CheckConstraint(
        "state <> 'scheduled' OR scheduled_at IS NOT NULL", name=op.f("ck_campaigns_scheduled_at")
    )
    whole = sa.CheckConstraint(
        "(scheduled_at IS NULL) = (wall_time IS NULL) AND (wall_time IS NULL) = (timezone IS NULL)",
        name=op.f("ck_campaigns_appointment"),
    )
    known = sa.CheckConstraint("held_back IN ('edited', 'missed', 'nobody')", name=op.f("ck_campaigns_held_back"))
    op.add_column("campaigns", sa.Column("scheduled_at", sa.DateTime(timezone=True), waits_for_a_time, nullable=True))
    op.add_column("campaigns", sa.Column("wall_time", sa.String(length=19), nullable=True))
    op.add_column("campaigns", sa.Column("timezone", sa.String(length=64), whole, nullable=True))
    op.add_column("campaigns", sa.Column("local_time", sa.Boolean(), nullable=True))
    op.add_column("campaigns", sa.Column("held_back", sa.String(length=16), known, nullable=True))
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("timezone", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.drop_column("timezone")

    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        for name in ("held_back", "appointment", "scheduled_at"):
            batch_op.drop_constraint(op.f(f"ck_campaigns_{name}"), type_="check")
        batch_op.drop_column("held_back")
        batch_op.drop_column("local_time")
        batch_op.drop_column("timezone")
        batch_op.drop_column("wall_time")
        batch_op.drop_column("scheduled_at")

    op.drop_table("occurrences")
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.drop_index("ix_schedules_next_fire_at")

    op.drop_table("schedules")
