-- Sites, sittings and courses are public facts that everybody may read; who is enrolled, and how a check turned out,
-- is not.
ALTER TABLE training_enrolments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON training_enrolments TO kaowu_app;
GRANT UPDATE (
    withdrawn_at, attended, attended_at, attended_by, certificate_number
) ON training_enrolments TO kaowu_app;
GRANT SELECT ON training_enrolments TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY app_select ON training_enrolments FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (
        SELECT FROM applications a
        WHERE a.id = training_enrolments.application_id AND (a.person_id = {person} OR a.unit_id = ANY ({units}))
    )
);

CREATE POLICY app_insert ON training_enrolments FOR INSERT TO kaowu_app WITH CHECK (
    (office_id = {office} AND 'schedule' = ANY ({may}))
    OR (
        attended IS NULL
        AND EXISTS (
            SELECT FROM applications a
            WHERE a.id = training_enrolments.application_id AND (a.person_id = {person} OR a.unit_id = ANY ({units}))
        )
    )
);

CREATE POLICY app_update ON training_enrolments FOR UPDATE TO kaowu_app USING (
    (office_id = {office} AND 'schedule' = ANY ({may}))
    OR (
        attended IS NULL
        AND EXISTS (
            SELECT FROM applications a
            WHERE a.id = training_enrolments.application_id AND (a.person_id = {person} OR a.unit_id = ANY ({units}))
        )
    )
);

CREATE POLICY kaowu_province_select ON training_enrolments FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON training_enrolments FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY transfer_select ON training_enrolments FOR SELECT TO kaowu_transfer USING (true);
