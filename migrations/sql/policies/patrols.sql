-- The office that makes a patrol sees it, and those above it. The office of a place does not: a patrol is not announced.
ALTER TABLE patrols ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON patrols TO kaowu_app;
GRANT UPDATE (state, ended_at, ended_by, ended_by_name, summary) ON patrols TO kaowu_app;
GRANT SELECT ON patrols TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, year, planned_by_name) ON patrols TO kaowu_keeper;
GRANT UPDATE (planned_by_name, ended_by_name, purpose, summary) ON patrols TO kaowu_keeper;

CREATE POLICY patrols_select ON patrols FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY patrols_insert ON patrols FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND planned_by = {account} AND state = 'planned' AND 'supervise' = ANY ({may})
);

CREATE POLICY patrols_update ON patrols FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND state = 'planned' AND 'supervise' = ANY ({may}))
    WITH CHECK (office_id = {office} AND ended_by = {account});

CREATE POLICY kaowu_province_select ON patrols FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON patrols FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON patrols FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON patrols FOR UPDATE TO kaowu_keeper USING (true);
