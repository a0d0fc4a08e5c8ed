-- Numbers with their material; draw_numbers alone adds them.
ALTER TABLE panel_candidates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON panel_candidates TO kaowu_app;
GRANT UPDATE (score, spread, works) ON panel_candidates TO kaowu_app;
GRANT SELECT ON panel_candidates TO kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT INSERT ON panel_candidates TO kaowu_transfer;
GRANT SELECT (panel_id, works) ON panel_candidates TO kaowu_keeper;
GRANT UPDATE (works) ON panel_candidates TO kaowu_keeper;

CREATE POLICY panel_candidates_select ON panel_candidates FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY panel_candidates_update ON panel_candidates FOR UPDATE TO kaowu_app USING (
    office_id = {office}
) WITH CHECK (office_id = {office} AND {may} && ARRAY['examine', 'supervise']);

CREATE POLICY panel_candidates_kaowu_province_select ON panel_candidates FOR SELECT TO kaowu_province USING (true);
CREATE POLICY panel_candidates_kaowu_auditor_select ON panel_candidates FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON panel_candidates FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON panel_candidates FOR UPDATE TO kaowu_keeper USING (true);
CREATE POLICY transfer_select ON panel_candidates FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY transfer_insert ON panel_candidates FOR INSERT TO kaowu_transfer WITH CHECK (true);
