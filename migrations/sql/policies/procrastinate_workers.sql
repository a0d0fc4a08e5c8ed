GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_workers TO kaowu_app;
GRANT USAGE ON SEQUENCE procrastinate_workers_id_seq TO kaowu_app;
