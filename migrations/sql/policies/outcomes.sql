ALTER TABLE outcomes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, DELETE ON outcomes TO kaowu_app;
GRANT UPDATE (passed, reason, basis, decided_at, decided_by, published_at, correction_id) ON outcomes TO kaowu_app;
GRANT SELECT ON outcomes TO kaowu_province, kaowu_auditor;

-- Nobody but the office learns an outcome before it is published.
CREATE POLICY outcomes_select ON outcomes FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR (published_at IS NOT NULL AND EXISTS (SELECT FROM applications a WHERE a.id = application_id))
);

CREATE POLICY outcomes_insert ON outcomes FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['examine', 'supervise'] AND decided_by = {account}
    AND published_at IS NULL
    AND EXISTS (SELECT FROM applications a WHERE a.id = application_id AND a.office_id = {office})
);

CREATE POLICY outcomes_update ON outcomes FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (
    office_id = {office} AND {may} && ARRAY['examine', 'supervise']
    AND (published_at IS NULL OR 'supervise' = ANY ({may}))
);

CREATE POLICY outcomes_delete ON outcomes FOR DELETE TO kaowu_app USING (
    office_id = {office} AND 'supervise' = ANY ({may}) AND published_at IS NULL
);

CREATE POLICY outcomes_kaowu_province_select ON outcomes FOR SELECT TO kaowu_province USING (true);
CREATE POLICY outcomes_kaowu_auditor_select ON outcomes FOR SELECT TO kaowu_auditor USING (true);

-- For take_along and bars_move: a move that leaves the exam takes along what rested on it.
GRANT SELECT (application_id, passed, published_at, annulled_at) ON outcomes TO kaowu_transfer;
GRANT UPDATE (annulled_at, annulled_reason) ON outcomes TO kaowu_transfer;
CREATE POLICY taken_update ON outcomes FOR UPDATE TO kaowu_transfer USING (true);
CREATE POLICY taken_select ON outcomes FOR SELECT TO kaowu_transfer USING (true);
