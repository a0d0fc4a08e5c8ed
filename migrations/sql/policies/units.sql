ALTER TABLE units ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON units TO kaowu_app, kaowu_province;
GRANT UPDATE (parent_id, name, code, ended_at, successor_id) ON units TO kaowu_app, kaowu_province;
GRANT SELECT ON units TO kaowu_auditor;

CREATE POLICY units_select ON units FOR SELECT TO kaowu_app USING ({scope} IS NOT NULL);

-- The system carries out what an officer has ordered for a later day; the province may have ordered a move elsewhere.
CREATE POLICY units_insert ON units FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} OR local_office_id = {office} OR parent_id = ANY ({units}) OR {scope} = 'system'
);

CREATE POLICY units_update ON units FOR UPDATE TO kaowu_app USING (
    office_id = {office} OR local_office_id = {office} OR id = ANY ({units})
) WITH CHECK (true);

CREATE POLICY units_kaowu_province_select ON units FOR SELECT TO kaowu_province USING (true);

-- A unit moves from one office to another by the province's act.
CREATE POLICY units_province_insert ON units FOR INSERT TO kaowu_province WITH CHECK ({scope} IS NOT NULL);

CREATE POLICY units_province_update ON units FOR UPDATE TO kaowu_province USING (true) WITH CHECK (true);
CREATE POLICY units_kaowu_auditor_select ON units FOR SELECT TO kaowu_auditor USING (true);
