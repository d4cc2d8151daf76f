"""Frames and readings partitioned by month, and room for updates in place; on PostgreSQL only."""

from alembic import op

revision = "a1d0c3f2b764"
down_revision = "75c43fc62115"
branch_labels = None
depends_on = None

# The default partition takes what no month was made for; the months are made by csms.adapters.db.partitions.
_PARTITION = """
ALTER TABLE {table} RENAME TO {table}_before;
CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS) PARTITION BY RANGE ({column});
CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;
INSERT INTO {table} SELECT * FROM {table}_before;
"""
_FRAMES = """
DROP TABLE frames_before;
ALTER TABLE frames ADD CONSTRAINT pk_frames PRIMARY KEY (station_id, id);
CREATE INDEX ix_frames_id ON frames (id);
"""
_READINGS = """
ALTER SEQUENCE readings_id_seq OWNED BY readings.id;
DROP TABLE readings_before;
ALTER TABLE readings ADD CONSTRAINT pk_readings PRIMARY KEY (id, frame_id);
CREATE INDEX ix_readings_session_id_at ON readings (session_id, at) WHERE session_id IS NOT NULL;
"""
_WHOLE = """
ALTER TABLE {table} RENAME TO {table}_parts;
CREATE TABLE {table} (LIKE {table}_parts INCLUDING DEFAULTS);
INSERT INTO {table} SELECT * FROM {table}_parts;
"""
_OFTEN_UPDATED = ("links", "connectors", "recorder_marks", "processes", "sessions")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _run(_PARTITION.format(table="frames", column="id") + _FRAMES)
    _run(_PARTITION.format(table="readings", column="frame_id") + _READINGS)
    for table in _OFTEN_UPDATED:
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)")
    # SQLite's name for it; so one query looks through stored bytes in both.
    op.execute(
        "CREATE FUNCTION instr(bytea, bytea) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        "RETURN position($2 IN $1)"
    )
    # There from the beginning, so that two gateways that need their first block do not both insert it.
    op.execute("INSERT INTO counters (name, value) VALUES ('transaction_id', 0) ON CONFLICT DO NOTHING")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _OFTEN_UPDATED:
        op.execute(f"ALTER TABLE {table} RESET (fillfactor, autovacuum_vacuum_scale_factor)")
    op.execute("DROP FUNCTION instr(bytea, bytea)")
    _run(_WHOLE.format(table="frames") + _FRAMES.replace("_before", "_parts"))
    readings = _READINGS.replace("_before", "_parts").replace("PRIMARY KEY (id, frame_id)", "PRIMARY KEY (id)")
    _run(_WHOLE.format(table="readings") + readings)


def _run(statements: str) -> None:
    for statement in statements.strip().split(";\n"):
        if statement.strip():
            op.execute(statement.rstrip(";"))
