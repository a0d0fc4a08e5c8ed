-- Raised by the system alone. Settled by the opening, by an officer of the office or above it, or by the system where
-- the sitting is held otherwise; what is settled stays.
ALTER TABLE opening_alarms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON opening_alarms TO kaowu_app;
GRANT UPDATE (settled_at, settled_how, settled_by, settled_name, reason) ON opening_alarms TO kaowu_app, kaowu_province;
GRANT SELECT ON opening_alarms TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, settled_at, settled_name) ON opening_alarms TO kaowu_keeper;
GRANT UPDATE (reason, settled_name) ON opening_alarms TO kaowu_keeper;

CREATE POLICY app_select ON opening_alarms FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY app_insert ON opening_alarms FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {scope} = 'system' AND settled_at IS NULL
    AND EXISTS (
        SELECT FROM sittings t
        WHERE t.id = sitting_id AND t.office_id = {office} AND t.starts_at = opening_alarms.starts_at
    )
);

CREATE POLICY app_update ON opening_alarms FOR UPDATE TO kaowu_app USING (
    settled_at IS NULL AND (
        (office_id = {office} AND ({may} && ARRAY['schedule', 'examine', 'supervise'] OR {scope} = 'system'))
        OR (starts_with(office_id, {office} || '/') AND {may} && ARRAY['schedule', 'supervise'])
    )
) WITH CHECK (settled_at IS NOT NULL);

CREATE POLICY kaowu_province_select ON opening_alarms FOR SELECT TO kaowu_province USING (true);

CREATE POLICY province_update ON opening_alarms FOR UPDATE TO kaowu_province
    USING (settled_at IS NULL AND 'lead_province' = ANY ({may})) WITH CHECK (settled_at IS NOT NULL);

CREATE POLICY kaowu_auditor_select ON opening_alarms FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON opening_alarms FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON opening_alarms FOR UPDATE TO kaowu_keeper USING (true);
