ALTER TABLE rosters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON rosters TO kaowu_app;
GRANT SELECT ON rosters TO kaowu_province, kaowu_auditor;

-- The office that a batch was handed in to reads the roster, even where others own the cases.
CREATE POLICY rosters_select ON rosters FOR SELECT TO kaowu_app USING (
    unit_id = ANY ({units})
    OR office_id = {office}
    OR EXISTS (SELECT FROM onsite_batches b WHERE b.roster_id = rosters.id)
);

CREATE POLICY rosters_insert ON rosters FOR INSERT TO kaowu_app WITH CHECK (unit_id = ANY ({units}));
CREATE POLICY rosters_kaowu_province_select ON rosters FOR SELECT TO kaowu_province USING (true);
CREATE POLICY rosters_kaowu_auditor_select ON rosters FOR SELECT TO kaowu_auditor USING (true);
