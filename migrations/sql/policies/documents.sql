ALTER TABLE documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON documents TO kaowu_app;
GRANT UPDATE (superseded_at, scan_verdict, scanned_at) ON documents TO kaowu_app;
GRANT SELECT ON documents TO kaowu_province, kaowu_auditor, kaowu_keeper;
GRANT UPDATE (file_name, erased_at, sealed_key) ON documents TO kaowu_keeper;

CREATE POLICY documents_select ON documents FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = documents.application_id)
);

-- Evidence may tell of an illness: neither units nor the office that handles the case read it.
CREATE POLICY evidence ON documents AS RESTRICTIVE FOR SELECT TO kaowu_app USING (
    material <> 'accommodation.evidence'
    OR EXISTS (
         SELECT FROM applications a
        WHERE a.id = documents.application_id AND (a.person_id = {person} OR a.office_id = {office}) 
    )
);

CREATE POLICY documents_insert ON documents FOR INSERT TO kaowu_app WITH CHECK (
    uploaded_by = {account} AND EXISTS (SELECT FROM applications a WHERE a.id = documents.application_id)
);

CREATE POLICY documents_update ON documents FOR UPDATE TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = documents.application_id)
) WITH CHECK (true);

CREATE POLICY documents_kaowu_province_select ON documents FOR SELECT TO kaowu_province USING (true);
CREATE POLICY documents_kaowu_auditor_select ON documents FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON documents FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON documents FOR UPDATE TO kaowu_keeper USING (true);

-- For ticket_grounds, in replace_tickets: the digest of the photo.
GRANT SELECT (application_id, material, sha256, superseded_at) ON documents TO kaowu_transfer;
CREATE POLICY transfer_select ON documents FOR SELECT TO kaowu_transfer USING (material = 'photo');
