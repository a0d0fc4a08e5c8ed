-- Seen with their list. Only the office that hands over writes them, for certificates of its own.
ALTER TABLE archive_handover_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON archive_handover_items TO kaowu_app;
GRANT UPDATE (released_at) ON archive_handover_items TO kaowu_app;
GRANT SELECT ON archive_handover_items TO kaowu_province, kaowu_auditor;

CREATE POLICY archive_handover_items_select ON archive_handover_items FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM archive_handovers h WHERE h.id = handover_id)
);

CREATE POLICY archive_handover_items_insert ON archive_handover_items FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'run_office' = ANY ({may}) AND released_at IS NULL
    AND EXISTS (
        SELECT FROM archive_handovers h JOIN applications a ON a.unit_id = h.unit_id
        WHERE h.id = handover_id AND h.office_id = {office} AND h.handed_by = {account} AND a.id = application_id
    )
    AND EXISTS (
        SELECT FROM certificates c
        WHERE c.id = certificate_id AND c.application_id = archive_handover_items.application_id
        AND c.office_id = {office} AND c.superseded_at IS NULL AND (c.revoked_at IS NULL) = (matter = 'certificate')
    )
);

CREATE POLICY archive_handover_items_update ON archive_handover_items FOR UPDATE TO kaowu_app USING (
    office_id = {office} AND {may} && ARRAY['run_office', 'supervise'] AND released_at IS NULL
) WITH CHECK (office_id = {office});

CREATE POLICY archive_handover_items_province_select ON archive_handover_items FOR SELECT TO kaowu_province USING (true);
CREATE POLICY archive_handover_items_auditor_select ON archive_handover_items FOR SELECT TO kaowu_auditor USING (true);
