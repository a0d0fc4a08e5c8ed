GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_events TO kaowu_app;
GRANT INSERT ON procrastinate_events TO kaowu_province, kaowu_auditor;
GRANT USAGE ON SEQUENCE procrastinate_events_id_seq TO kaowu_app, kaowu_province, kaowu_auditor;
