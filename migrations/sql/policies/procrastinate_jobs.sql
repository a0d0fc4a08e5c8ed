-- The queue holds ids and names of tasks, never a personal value, and every worker reads it: no policies. The
-- province's and the auditor's sessions may add a job and nothing else. How many jobs wait is counted beside what only the auditor may
-- count.
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs TO kaowu_app;
GRANT INSERT ON procrastinate_jobs TO kaowu_province, kaowu_auditor;
GRANT SELECT (id) ON procrastinate_jobs TO kaowu_province, kaowu_auditor;
GRANT SELECT (status) ON procrastinate_jobs TO kaowu_auditor;
GRANT USAGE ON SEQUENCE procrastinate_jobs_id_seq TO kaowu_app, kaowu_province, kaowu_auditor;
