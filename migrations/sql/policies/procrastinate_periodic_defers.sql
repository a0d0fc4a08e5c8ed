GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_periodic_defers TO kaowu_app;
GRANT USAGE ON SEQUENCE procrastinate_periodic_defers_id_seq TO kaowu_app;
