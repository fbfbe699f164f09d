"""Keep the person's label that counts on the reading, so that the history needs no join."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

FILL = """
UPDATE readings SET person_label = (
    SELECT label FROM labels WHERE labels.id = (
        SELECT max(standing.id) FROM labels AS standing
        WHERE standing.reading_id = readings.id AND standing.undone_at IS NULL
    )
)
WHERE id IN (SELECT reading_id FROM labels)
"""


def upgrade() -> None:
    """Adds the column and fills it from the labels there are."""
    op.add_column("readings", sa.Column("person_label", sa.String(64)))
    op.execute(FILL)
