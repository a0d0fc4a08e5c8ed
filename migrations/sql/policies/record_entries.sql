-- The record is only ever added to, which its trigger keep_record holds for the owner as well.
ALTER TABLE record_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON record_entries TO kaowu_app, kaowu_province, kaowu_auditor;
GRANT INSERT ON record_entries TO kaowu_keeper;

-- Only a case's id is looked at as one: the order of the two sides of an AND is not PostgreSQL's promise, CASE's is.
CREATE POLICY record_entries_select ON record_entries FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (
        subject_type = 'application'
        AND EXISTS (
            SELECT FROM applications a WHERE a.id = CASE WHEN subject_type = 'application' THEN subject_id::uuid END
        )
    )
);

CREATE POLICY record_entries_insert ON record_entries FOR INSERT TO kaowu_app WITH CHECK (account_id = {account});
CREATE POLICY record_entries_kaowu_province_select ON record_entries FOR SELECT TO kaowu_province USING (true);

CREATE POLICY record_entries_province_insert ON record_entries FOR INSERT TO kaowu_province
    WITH CHECK (account_id = {account});

CREATE POLICY record_entries_kaowu_auditor_select ON record_entries FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY auditor_insert ON record_entries FOR INSERT TO kaowu_auditor WITH CHECK (account_id = {account});
CREATE POLICY keeper_insert ON record_entries FOR INSERT TO kaowu_keeper WITH CHECK (account_id = {account});
