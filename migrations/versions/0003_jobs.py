"""Make the tables of the job queue: Procrastinate's own schema, and who may use it.

The queue holds ids and names of tasks, never a personal value, and is read by every worker: it has no policies
(core.db.isolation says so too). The province's sessions may add a job and nothing else.

Revision ID: 0003
Revises: 0002
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("procrastinate_events", "procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers")

DROP_THE_REST = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP FUNCTION %s', one.name);
    END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate\\_%' AND typcategory <> 'A' LOOP
        EXECUTE format('DROP TYPE %s', one.name);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    # Many statements at once, with signs that SQLAlchemy would take for parameters: for the driver as they are.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO kaowu_app")
    op.execute("GRANT SELECT (id), INSERT ON procrastinate_jobs TO kaowu_province")
    op.execute("GRANT INSERT ON procrastinate_events TO kaowu_province")
    sequences = "procrastinate_jobs_id_seq, procrastinate_events_id_seq"
    op.execute(f"GRANT USAGE ON SEQUENCE {sequences} TO kaowu_app, kaowu_province")
    op.execute("GRANT USAGE ON SEQUENCE procrastinate_periodic_defers_id_seq TO kaowu_app")
    op.execute("GRANT USAGE ON SEQUENCE procrastinate_workers_id_seq TO kaowu_app")


def downgrade() -> None:
    # The tables are types as well: what takes or gives their rows goes with them.
    op.execute(f"DROP TABLE {', '.join(TABLES)} CASCADE")
    op.execute(DROP_THE_REST)
