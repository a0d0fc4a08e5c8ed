-- Keyed hashes and moments, counted before anybody is known: no policies.
GRANT SELECT, INSERT, UPDATE, DELETE ON allowances TO kaowu_app;
