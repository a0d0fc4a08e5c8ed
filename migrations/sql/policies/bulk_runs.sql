-- Read by the office; worked off in the scope of the officer who asked for it.
ALTER TABLE bulk_runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON bulk_runs TO kaowu_app;
GRANT UPDATE (state, stopped, done, finished_at) ON bulk_runs TO kaowu_app;

CREATE POLICY bulk_runs_select ON bulk_runs FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY bulk_runs_insert ON bulk_runs FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND account_id = {account}
);

-- The system ends a run whose officer has left.
CREATE POLICY bulk_runs_update ON bulk_runs FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND (account_id = {account} OR {scope} = 'system')
);

GRANT SELECT ON bulk_runs TO kaowu_province, kaowu_auditor;
CREATE POLICY bulk_runs_province_select ON bulk_runs FOR SELECT TO kaowu_province USING (true);
CREATE POLICY bulk_runs_auditor_select ON bulk_runs FOR SELECT TO kaowu_auditor USING (true);
