-- Seen with the patrol.
ALTER TABLE patrol_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON patrol_members TO kaowu_app;
GRANT UPDATE (removed_at) ON patrol_members TO kaowu_app;
GRANT SELECT ON patrol_members TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, patrol_id, name) ON patrol_members TO kaowu_keeper;
GRANT UPDATE (name) ON patrol_members TO kaowu_keeper;

CREATE POLICY patrol_members_select ON patrol_members FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY patrol_members_insert ON patrol_members FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND added_by = {account} AND 'supervise' = ANY ({may})
);

CREATE POLICY patrol_members_update ON patrol_members FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND removed_at IS NULL AND 'supervise' = ANY ({may}))
    WITH CHECK (office_id = {office});

CREATE POLICY kaowu_province_select ON patrol_members FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON patrol_members FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON patrol_members FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON patrol_members FOR UPDATE TO kaowu_keeper USING (true);
