-- Who stands behind a number. Members of an anonymous panel learn it when the scores are final (blind_panels);
-- draw_numbers alone writes it.
ALTER TABLE panel_identities ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON panel_identities TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT INSERT ON panel_identities TO kaowu_transfer;

CREATE POLICY panel_identities_select ON panel_identities FOR SELECT TO kaowu_app USING (
    office_id = {office} AND panel_id <> ALL ((SELECT blind_panels())::uuid[])
);

CREATE POLICY panel_identities_kaowu_province_select ON panel_identities FOR SELECT TO kaowu_province USING (
    panel_id <> ALL ((SELECT blind_panels())::uuid[])
);
CREATE POLICY panel_identities_kaowu_auditor_select ON panel_identities FOR SELECT TO kaowu_auditor USING (
    panel_id <> ALL ((SELECT blind_panels())::uuid[])
);
CREATE POLICY transfer_select ON panel_identities FOR SELECT TO kaowu_transfer USING (true);
CREATE POLICY transfer_insert ON panel_identities FOR INSERT TO kaowu_transfer WITH CHECK (true);
