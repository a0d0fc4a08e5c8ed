ALTER TABLE evaluation_scores ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON evaluation_scores TO kaowu_app;
GRANT UPDATE (score) ON evaluation_scores TO kaowu_app;
GRANT SELECT ON evaluation_scores TO kaowu_province, kaowu_auditor;

-- Of another's scores a member learns nothing while their own sheet on that candidate is open.
CREATE POLICY evaluation_scores_select ON evaluation_scores FOR SELECT TO kaowu_app USING (
    office_id = {office}
    AND EXISTS (
        SELECT FROM evaluation_sheets s
        WHERE s.id = sheet_id
        AND (
            s.account_id = {account}
            OR (
                s.state IN ('submitted', 'void')
                AND NOT EXISTS (
                    SELECT FROM evaluation_sheets m
                    WHERE m.candidate_id = s.candidate_id AND m.account_id = {account} AND m.state = 'open'
                )
            )
        )
    )
);

CREATE POLICY evaluation_scores_insert ON evaluation_scores FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (
        SELECT FROM evaluation_sheets s WHERE s.id = sheet_id AND s.account_id = {account} AND s.state = 'open'
    )
);

CREATE POLICY evaluation_scores_update ON evaluation_scores FOR UPDATE TO kaowu_app USING (
    EXISTS (SELECT FROM evaluation_sheets s WHERE s.id = sheet_id AND s.account_id = {account} AND s.state = 'open')
) WITH CHECK (
    office_id = {office} AND 'examine' = ANY ({may})
    AND EXISTS (
        SELECT FROM evaluation_sheets s WHERE s.id = sheet_id AND s.account_id = {account} AND s.state = 'open'
    )
);

CREATE POLICY evaluation_scores_kaowu_province_select ON evaluation_scores FOR SELECT TO kaowu_province USING (true);
CREATE POLICY evaluation_scores_kaowu_auditor_select ON evaluation_scores FOR SELECT TO kaowu_auditor USING (true);
