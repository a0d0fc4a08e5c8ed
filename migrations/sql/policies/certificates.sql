ALTER TABLE certificates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON certificates TO kaowu_app;
GRANT UPDATE (
    revoked_at, revoked_by, revoked_reason, returned_at, returned_by
) ON certificates TO kaowu_app, kaowu_province;
GRANT UPDATE (superseded_at, superseded_ground) ON certificates TO kaowu_app;
GRANT UPDATE (holder_name, holder_tail) ON certificates TO kaowu_transfer;
GRANT SELECT ON certificates TO kaowu_province, kaowu_auditor;
GRANT SELECT (
    id, office_id, application_id, year, number, verification, issued_at, revoked_at, replaces_id, superseded_at,
    superseded_ground, holder_name, holder_tail
) ON certificates TO kaowu_transfer;

CREATE POLICY certificates_app_select ON certificates FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM applications a WHERE a.id = certificates.application_id)
);

CREATE POLICY certificates_app_insert ON certificates FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may}) AND revoked_at IS NULL
    AND EXISTS (SELECT FROM applications a WHERE a.id = certificates.application_id AND a.office_id = {office})
);

CREATE POLICY certificates_app_update ON certificates FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (true);

CREATE POLICY certificates_province_select ON certificates FOR SELECT TO kaowu_province USING (true);

CREATE POLICY certificates_province_update ON certificates FOR UPDATE TO kaowu_province
    USING ('supervise' = ANY ({may})) WITH CHECK (true);

CREATE POLICY certificates_auditor_select ON certificates FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY certificates_transfer_select ON certificates FOR SELECT TO kaowu_transfer USING (true);

-- The name that a certificate was issued with stays with it when its holder's is corrected (correct_person).
CREATE POLICY certificates_transfer_update ON certificates FOR UPDATE TO kaowu_transfer USING (holder_name IS NULL)
    WITH CHECK (true);
