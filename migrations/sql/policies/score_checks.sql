ALTER TABLE score_checks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON score_checks TO kaowu_app;
GRANT UPDATE (state, answer, answered_at, answered_by) ON score_checks TO kaowu_app;
GRANT SELECT ON score_checks TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, answered_at) ON score_checks TO kaowu_keeper;
GRANT UPDATE (reason, answer) ON score_checks TO kaowu_keeper;

CREATE POLICY score_checks_select ON score_checks FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM applications a WHERE a.id = application_id)
);

CREATE POLICY score_checks_insert ON score_checks FOR INSERT TO kaowu_app WITH CHECK (
    asked_by = {account} AND state = 'open' AND 'apply' = ANY ({may})
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = application_id AND a.person_id = {person} AND a.office_id = score_checks.office_id
    )
    AND (
        correction_id IS NULL
        OR EXISTS (
            SELECT FROM mark_corrections m
            WHERE m.id = correction_id AND m.application_id = score_checks.application_id
            AND m.subject = score_checks.subject AND m.check_until > score_checks.asked_at
        )
    )
);

CREATE POLICY score_checks_update ON score_checks FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    answered_by = {account} AND 'examine' = ANY ({may})
);

CREATE POLICY score_checks_kaowu_province_select ON score_checks FOR SELECT TO kaowu_province USING (true);
CREATE POLICY score_checks_kaowu_auditor_select ON score_checks FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON score_checks FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON score_checks FOR UPDATE TO kaowu_keeper USING (true);
