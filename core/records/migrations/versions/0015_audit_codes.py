"""The audit trail holds codes, so that its words can change; what was said stays the same.

Until here it held sentences as they were shown, and called a model a bundle.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

RENAMED = {
    "bundle_put_in_use": "model_put_into_use",
    "answers_exported": "predictions_exported",
}


def upgrade() -> None:
    """Gives each entry its code."""
    audit = sa.table("audit", sa.column("action", sa.String))
    action = audit.c.action
    code = sa.func.replace(sa.func.replace(sa.func.lower(action), " ", "_"), "-", "_")
    op.execute(audit.update().values(action=code))
    for before, after in (("bundle_making", "model_making"), ("_asked", "_requested")):
        told = action.contains(before, autoescape=True)
        op.execute(audit.update().where(told).values(action=sa.func.replace(action, before, after)))
    for before, after in RENAMED.items():
        op.execute(audit.update().where(action == before).values(action=after))
