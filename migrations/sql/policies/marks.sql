ALTER TABLE marks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON marks TO kaowu_app;
GRANT UPDATE (mark, status, correction_id, told_at) ON marks TO kaowu_app;
GRANT SELECT ON marks TO kaowu_province, kaowu_auditor, kaowu_transfer;

-- Nobody but the office learns a mark before its candidate is told.
CREATE POLICY marks_select ON marks FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (told_at IS NOT NULL AND EXISTS (SELECT FROM applications a WHERE a.id = application_id))
);

CREATE POLICY marks_insert ON marks FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY marks_update ON marks FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may})
);

-- What the door list alone said may go until it is published: a late phone may say otherwise, or a table bring the
-- mark.
CREATE POLICY marks_delete ON marks FOR DELETE TO kaowu_app USING (
    (office_id = {office} AND 'supervise' = ANY ({may}))
    OR (office_id = {office} AND {may} && ARRAY['examine', 'supervise'] AND import_id IS NULL)
);

CREATE POLICY marks_kaowu_province_select ON marks FOR SELECT TO kaowu_province USING (true);
CREATE POLICY marks_kaowu_auditor_select ON marks FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON marks FOR SELECT TO kaowu_transfer USING (true);
