ALTER TABLE objections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON objections TO kaowu_app;
GRANT UPDATE (state, decided_at, decided_by, reason, remedy) ON objections TO kaowu_app;
GRANT SELECT ON objections TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, contact, state, decided_at) ON objections TO kaowu_keeper;
GRANT UPDATE (contact, asked_by_hash) ON objections TO kaowu_keeper;
-- For open_objection_office, and for objection_standing, by which an objector asks.
GRANT SELECT (
    id, office_id, state, publication_id, receipt, position, received_at, decided_at, reason, remedy, asked_by_hash
) ON objections TO kaowu_transfer;

CREATE POLICY objections_app_select ON objections FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY objections_app_insert ON objections FOR INSERT TO kaowu_app WITH CHECK (
    state = 'open'
    AND EXISTS (
        SELECT FROM publications p
        WHERE p.id = objections.publication_id AND p.office_id = objections.office_id AND p.state = 'published'
        AND objections.received_at >= p.published_at AND objections.received_at < p.ends_at
    )
);

CREATE POLICY objections_app_update ON objections FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may})
) WITH CHECK (true);

CREATE POLICY objections_province_select ON objections FOR SELECT TO kaowu_province USING (true);
CREATE POLICY objections_auditor_select ON objections FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY objections_keeper_select ON objections FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY objections_keeper_update ON objections FOR UPDATE TO kaowu_keeper USING (true) WITH CHECK (true);
CREATE POLICY attached_select ON objections FOR SELECT TO kaowu_transfer USING (true);
