ALTER TABLE late_entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON late_entries TO kaowu_app;
GRANT SELECT ON late_entries TO kaowu_province, kaowu_auditor;

CREATE POLICY late_entries_select ON late_entries FOR SELECT TO kaowu_app
    USING (person_id = {person} OR office_id = {office});

CREATE POLICY late_entries_insert ON late_entries FOR INSERT TO kaowu_app WITH CHECK (office_id = {office});
CREATE POLICY late_entries_kaowu_province_select ON late_entries FOR SELECT TO kaowu_province USING (true);
CREATE POLICY late_entries_kaowu_auditor_select ON late_entries FOR SELECT TO kaowu_auditor USING (true);
