-- Read by the office; worked off in the scope of the officer who asked for it.
ALTER TABLE bulk_run_cases ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON bulk_run_cases TO kaowu_app;
GRANT UPDATE (refusal, decided_at) ON bulk_run_cases TO kaowu_app;

CREATE POLICY bulk_run_cases_select ON bulk_run_cases FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY bulk_run_cases_insert ON bulk_run_cases FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND EXISTS (
        SELECT FROM bulk_runs r WHERE r.id = bulk_run_cases.run_id AND r.account_id = {account}
    )
);

CREATE POLICY bulk_run_cases_update ON bulk_run_cases FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND EXISTS (
        SELECT FROM bulk_runs r WHERE r.id = bulk_run_cases.run_id AND r.account_id = {account}
    )
);

GRANT SELECT ON bulk_run_cases TO kaowu_province, kaowu_auditor;
CREATE POLICY bulk_run_cases_province_select ON bulk_run_cases FOR SELECT TO kaowu_province USING (true);
CREATE POLICY bulk_run_cases_auditor_select ON bulk_run_cases FOR SELECT TO kaowu_auditor USING (true);
