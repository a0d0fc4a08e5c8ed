-- The office that issued the certificate, and those who see its case.
ALTER TABLE certificate_reissues ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON certificate_reissues TO kaowu_app;
GRANT UPDATE (
    state, proposed_at, proposed_by, proposed_on_behalf, proposed_by_name, decided_at, decided_by, decided_by_name,
    remark
) ON certificate_reissues TO kaowu_app;
GRANT SELECT ON certificate_reissues TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, decided_at) ON certificate_reissues TO kaowu_keeper;
GRANT UPDATE (reason, remark) ON certificate_reissues TO kaowu_keeper;

CREATE POLICY certificate_reissues_select ON certificate_reissues FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM applications a WHERE a.id = application_id)
);

CREATE POLICY certificate_reissues_insert ON certificate_reissues FOR INSERT TO kaowu_app WITH CHECK (
    asked_by = {account}
    AND EXISTS (
        SELECT FROM certificates c
        WHERE c.id = certificate_id AND c.superseded_at IS NULL AND c.revoked_at IS NULL
        AND (c.application_id, c.office_id) = (certificate_reissues.application_id, certificate_reissues.office_id)
    )
    AND CASE state
        WHEN 'asked' THEN 'apply' = ANY ({may}) AND EXISTS (
            SELECT FROM applications a WHERE a.id = application_id AND a.person_id = {person}
        )
        ELSE
            state = 'proposed' AND office_id = {office} AND proposed_by = {account} AND 'run_office' = ANY ({may})
    END
);

CREATE POLICY certificate_reissues_update ON certificate_reissues FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    CASE state
        WHEN 'proposed' THEN proposed_by = {account} AND 'run_office' = ANY ({may})
        ELSE decided_by = {account} AND 'supervise' = ANY ({may})
    END
);

CREATE POLICY certificate_reissues_kaowu_province_select ON certificate_reissues
    FOR SELECT TO kaowu_province USING (true);

CREATE POLICY certificate_reissues_kaowu_auditor_select ON certificate_reissues
    FOR SELECT TO kaowu_auditor USING (true);

CREATE POLICY keeper_select ON certificate_reissues FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON certificate_reissues FOR UPDATE TO kaowu_keeper USING (true);
