ALTER TABLE publication_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON publication_entries TO kaowu_app;
GRANT UPDATE (
    struck_at, struck_by, struck_reason, struck_by_correction, released_at, shown
) ON publication_entries TO kaowu_app;
GRANT SELECT ON publication_entries TO kaowu_province, kaowu_auditor, kaowu_transfer;

CREATE POLICY publication_entries_app_select ON publication_entries FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (
        EXISTS (SELECT FROM publications p WHERE p.id = publication_entries.publication_id AND p.state <> 'draft')
        AND EXISTS (SELECT FROM applications a WHERE a.id = publication_entries.application_id)
    )
);

CREATE POLICY publication_entries_app_insert ON publication_entries FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'supervise' = ANY ({may})
    AND EXISTS (
        SELECT FROM publications p
        WHERE p.id = publication_entries.publication_id AND p.office_id = publication_entries.office_id
        AND p.state = 'draft'
    )
    AND EXISTS (SELECT FROM applications a WHERE a.id = publication_entries.application_id AND a.office_id = {office})
);

CREATE POLICY publication_entries_app_update ON publication_entries FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (true);

CREATE POLICY publication_entries_app_delete ON publication_entries FOR DELETE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
    AND EXISTS (
        SELECT FROM publications p
        WHERE p.id = publication_entries.publication_id AND p.office_id = publication_entries.office_id
        AND p.state = 'draft'
    )
);

CREATE POLICY publication_entries_province_select ON publication_entries FOR SELECT TO kaowu_province USING (true);
CREATE POLICY publication_entries_auditor_select ON publication_entries FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY publication_entries_transfer_select ON publication_entries FOR SELECT TO kaowu_transfer USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT UPDATE (struck_at, struck_by, struck_reason) ON publication_entries TO kaowu_transfer;
CREATE POLICY taken_update ON publication_entries FOR UPDATE TO kaowu_transfer USING (true);
