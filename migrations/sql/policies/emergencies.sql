-- Reported by those on site. Their office, the city above it and the center read it and bring it to its end.
ALTER TABLE emergencies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON emergencies TO kaowu_app;
GRANT UPDATE (state, closed_at) ON emergencies TO kaowu_app, kaowu_province;
GRANT SELECT ON emergencies TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, facts, happened_at) ON emergencies TO kaowu_keeper;
GRANT UPDATE (facts, measures, reported_name) ON emergencies TO kaowu_keeper;

CREATE POLICY app_select ON emergencies FOR SELECT TO kaowu_app USING (
    office_id = {office} OR starts_with(office_id, {office} || '/')
);

CREATE POLICY app_insert ON emergencies FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND {may} && ARRAY['schedule', 'examine'] AND state = 'open'
    AND EXISTS (SELECT FROM incidents i WHERE i.id = incident_id AND i.office_id = {office})
);

CREATE POLICY app_update ON emergencies FOR UPDATE TO kaowu_app USING (
    state <> 'closed' AND (
        (office_id = {office} AND {may} && ARRAY['schedule', 'examine', 'supervise'])
        OR (starts_with(office_id, {office} || '/') AND {may} && ARRAY['schedule', 'supervise'])
    )
) WITH CHECK (true);

CREATE POLICY kaowu_province_select ON emergencies FOR SELECT TO kaowu_province USING (true);

CREATE POLICY province_update ON emergencies FOR UPDATE TO kaowu_province
    USING (state <> 'closed' AND 'lead_province' = ANY ({may})) WITH CHECK (true);

CREATE POLICY kaowu_auditor_select ON emergencies FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON emergencies FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON emergencies FOR UPDATE TO kaowu_keeper USING (true);
