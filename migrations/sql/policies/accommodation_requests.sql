-- Read by the candidate and the office alone.
ALTER TABLE accommodation_requests ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON accommodation_requests TO kaowu_app;
GRANT UPDATE (state, granted, decision, decided_at, decided_by) ON accommodation_requests TO kaowu_app;
GRANT SELECT ON accommodation_requests TO kaowu_province, kaowu_auditor;
GRANT SELECT (id, reason, document_id, asked_at, decided_at) ON accommodation_requests TO kaowu_keeper;
GRANT UPDATE (reason, decision) ON accommodation_requests TO kaowu_keeper;

CREATE POLICY accommodation_requests_select ON accommodation_requests FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (
        SELECT FROM applications a WHERE a.id = accommodation_requests.application_id AND a.person_id = {person}
    )
);

CREATE POLICY accommodation_requests_insert ON accommodation_requests FOR INSERT TO kaowu_app WITH CHECK (
    state = 'asked' AND asked_by = {account}
    AND EXISTS (
        SELECT FROM applications a WHERE a.id = accommodation_requests.application_id AND a.person_id = {person}
    )
    AND EXISTS (
        SELECT FROM applications a
        WHERE a.id = accommodation_requests.application_id AND a.office_id = accommodation_requests.office_id
    )
);

CREATE POLICY accommodation_requests_update ON accommodation_requests FOR UPDATE TO kaowu_app
    USING (office_id = {office} AND 'schedule' = ANY ({may}));

CREATE POLICY kaowu_province_select ON accommodation_requests FOR SELECT TO kaowu_province USING (true);
CREATE POLICY kaowu_auditor_select ON accommodation_requests FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON accommodation_requests FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON accommodation_requests FOR UPDATE TO kaowu_keeper USING (true);
