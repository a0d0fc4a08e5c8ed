ALTER TABLE notices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON notices TO kaowu_app, kaowu_province;
GRANT UPDATE (read_at) ON notices TO kaowu_app, kaowu_province;
GRANT SELECT ON notices TO kaowu_auditor;
GRANT SELECT (id, body, read_at) ON notices TO kaowu_keeper;
GRANT UPDATE (title, body) ON notices TO kaowu_keeper;

-- The history of a case tells its office what it has told others.
CREATE POLICY notices_select ON notices FOR SELECT TO kaowu_app USING (
    person_id = {person}
    OR unit_id = ANY ({units})
    OR recipient_office_id = {office}
    OR (office_id = {office} AND {scope} IN ('office', 'system'))
);

CREATE POLICY notices_insert ON notices FOR INSERT TO kaowu_app WITH CHECK ({scope} IS NOT NULL);

CREATE POLICY notices_update ON notices FOR UPDATE TO kaowu_app USING (
    person_id = {person} OR unit_id = ANY ({units}) OR recipient_office_id = {office}
) WITH CHECK (true);

CREATE POLICY notices_kaowu_province_select ON notices FOR SELECT TO kaowu_province USING (true);
CREATE POLICY notices_province_insert ON notices FOR INSERT TO kaowu_province WITH CHECK ({scope} IS NOT NULL);

CREATE POLICY notices_province_update ON notices FOR UPDATE TO kaowu_province
    USING (recipient_office_id = {office}) WITH CHECK (true);

CREATE POLICY notices_kaowu_auditor_select ON notices FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON notices FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON notices FOR UPDATE TO kaowu_keeper USING (true);
