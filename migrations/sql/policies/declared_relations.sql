-- Everybody sees and declares their own; supervisors see and declare all, and end them, none of their own.
ALTER TABLE declared_relations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON declared_relations TO kaowu_app;
GRANT UPDATE (ended_at, ended_by, ended_reason) ON declared_relations TO kaowu_app;
GRANT SELECT ON declared_relations TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT SELECT (id, about, note, ended_at) ON declared_relations TO kaowu_keeper;
GRANT UPDATE (about, note, account_name, ended_reason) ON declared_relations TO kaowu_keeper;

CREATE POLICY declared_relations_select ON declared_relations FOR SELECT TO kaowu_app USING (
    office_id = {office} AND (account_id = {account} OR 'supervise' = ANY ({may}))
);

CREATE POLICY declared_relations_insert ON declared_relations FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND declared_by = {account} AND ended_at IS NULL
    AND (account_id = {account} OR {may} && ARRAY['supervise', 'examine'])
);

CREATE POLICY declared_relations_update ON declared_relations FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND ended_at IS NULL
) WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may}) AND account_id <> {account} AND ended_by = {account}
);

CREATE POLICY declared_relations_kaowu_province_select ON declared_relations
    FOR SELECT TO kaowu_province USING (true);
CREATE POLICY declared_relations_kaowu_auditor_select ON declared_relations
    FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON declared_relations FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY keeper_select ON declared_relations FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON declared_relations FOR UPDATE TO kaowu_keeper USING (true);
