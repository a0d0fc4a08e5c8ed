-- Whoever sees the case sees its papers. The office makes one and records its service; the person signs for their own.
ALTER TABLE sanction_papers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON sanction_papers TO kaowu_app, kaowu_province;
GRANT UPDATE (way, served_at, recorded_at, recorded_by) ON sanction_papers TO kaowu_app, kaowu_province;
GRANT SELECT ON sanction_papers TO kaowu_auditor;

CREATE POLICY sanction_papers_app_select ON sanction_papers FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_papers.case_id)
);

CREATE POLICY sanction_papers_app_insert ON sanction_papers FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND issued_by = {account} AND served_at IS NULL AND 'supervise' = ANY ({may})
    AND EXISTS (SELECT FROM sanction_cases c WHERE c.id = sanction_papers.case_id AND c.office_id = {office})
);

CREATE POLICY sanction_papers_app_update ON sanction_papers FOR UPDATE TO kaowu_app USING (
    served_at IS NULL
    AND (
        ({office} = office_id AND 'supervise' = ANY ({may}))
        OR EXISTS (
            SELECT FROM sanction_cases c JOIN applications a ON a.id = c.application_id
            WHERE c.id = sanction_papers.case_id AND a.person_id = {person}
        )
    )
) WITH CHECK (recorded_by = {account} AND (way = 'page') = ({person} IS NOT NULL AND {office} IS NULL));

CREATE POLICY sanction_papers_province_select ON sanction_papers FOR SELECT TO kaowu_province USING (true);

CREATE POLICY sanction_papers_province_insert ON sanction_papers FOR INSERT TO kaowu_province WITH CHECK (
    office_id = {office} AND issued_by = {account} AND served_at IS NULL AND 'supervise' = ANY ({may})
);

CREATE POLICY sanction_papers_province_update ON sanction_papers FOR UPDATE TO kaowu_province USING (
    served_at IS NULL AND 'supervise' = ANY ({may})
) WITH CHECK (recorded_by = {account} AND way <> 'page');

CREATE POLICY sanction_papers_auditor_select ON sanction_papers FOR SELECT TO kaowu_auditor USING (true);
