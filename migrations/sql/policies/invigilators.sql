ALTER TABLE invigilators ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON invigilators TO kaowu_app;
GRANT UPDATE (name, unit_id, unit_name, avoids, ended_at) ON invigilators TO kaowu_app;
GRANT SELECT ON invigilators TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, name, added_at, ended_at) ON invigilators TO kaowu_keeper;
GRANT UPDATE (name, unit_name) ON invigilators TO kaowu_keeper;

CREATE POLICY invigilators_select ON invigilators FOR SELECT TO kaowu_app USING (office_id = {office});

CREATE POLICY invigilators_insert ON invigilators FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY invigilators_update ON invigilators FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND ('schedule' = ANY ({may}) OR {scope} = 'system')
);

CREATE POLICY kaowu_province_select ON invigilators FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON invigilators FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON invigilators FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON invigilators FOR UPDATE TO kaowu_keeper USING (true);

-- For duties_reached.
GRANT SELECT ON invigilators TO kaowu_transfer;
CREATE POLICY transfer_select ON invigilators FOR SELECT TO kaowu_transfer USING (true);
