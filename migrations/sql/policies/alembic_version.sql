-- Where the schema stands: read by everybody, written by migrations alone.
GRANT SELECT ON alembic_version TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
