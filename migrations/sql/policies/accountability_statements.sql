-- Insert-only, and seen with the case: by the person concerned, or recorded by a supervisor of the office that decides.
ALTER TABLE accountability_statements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON accountability_statements TO kaowu_app;
GRANT SELECT ON accountability_statements TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, case_id) ON accountability_statements TO kaowu_keeper;
GRANT UPDATE (text, by_name) ON accountability_statements TO kaowu_keeper;

CREATE POLICY accountability_statements_select ON accountability_statements FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM accountability_cases c WHERE c.id = accountability_statements.case_id)
);

CREATE POLICY accountability_statements_insert ON accountability_statements FOR INSERT TO kaowu_app WITH CHECK (
    by = {account}
    AND EXISTS (
        SELECT FROM accountability_cases c
        WHERE c.id = accountability_statements.case_id AND c.state = 'hearing'
        AND CASE
            WHEN c.account_id = {account} THEN NOT accountability_statements.recorded
            ELSE accountability_statements.recorded AND c.office_id = {office} AND 'supervise' = ANY ({may})
        END
    )
);

CREATE POLICY kaowu_province_select ON accountability_statements FOR SELECT TO kaowu_province USING (
    EXISTS (SELECT FROM accountability_cases c WHERE c.id = accountability_statements.case_id)
);

CREATE POLICY kaowu_auditor_select ON accountability_statements FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON accountability_statements FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON accountability_statements FOR UPDATE TO kaowu_keeper USING (true);
