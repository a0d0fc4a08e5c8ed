-- An office sees its own and those of the offices below it. Nobody changes a row but the keeper, who erases it.
ALTER TABLE responsible_persons ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON responsible_persons TO kaowu_app;
GRANT SELECT ON responsible_persons TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, year, name) ON responsible_persons TO kaowu_keeper;
GRANT UPDATE (name, telephone, entered_by_name) ON responsible_persons TO kaowu_keeper;

CREATE POLICY responsible_persons_select ON responsible_persons FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY responsible_persons_insert ON responsible_persons FOR INSERT TO kaowu_app
    WITH CHECK (office_id = {office} AND entered_by = {account} AND 'run_office' = ANY ({may}));

CREATE POLICY kaowu_province_select ON responsible_persons FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON responsible_persons FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON responsible_persons FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON responsible_persons FOR UPDATE TO kaowu_keeper USING (true);
