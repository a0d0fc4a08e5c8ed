-- Seen with their batch. A unit notes signatures; what comes back, and mistakes, are its office's to note.
ALTER TABLE certificate_batch_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON certificate_batch_items TO kaowu_app;
GRANT UPDATE (
    state, settled_at, settled_by, settled_by_name, receiver, note
) ON certificate_batch_items TO kaowu_app, kaowu_province;
GRANT SELECT ON certificate_batch_items TO kaowu_province, kaowu_auditor;
GRANT SELECT (batch_id, settled_at, note) ON certificate_batch_items TO kaowu_keeper;
GRANT UPDATE (note) ON certificate_batch_items TO kaowu_keeper;

CREATE POLICY certificate_batch_items_select ON certificate_batch_items FOR SELECT TO kaowu_app USING (
    office_id = {office} OR EXISTS (SELECT FROM certificate_batches b WHERE b.id = batch_id)
);

CREATE POLICY certificate_batch_items_insert ON certificate_batch_items FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'run_office' = ANY ({may}) AND state = 'waiting'
    AND EXISTS (SELECT FROM certificate_batches b WHERE b.id = batch_id AND b.office_id = {office} AND b.made_by = {account})
    AND EXISTS (
        SELECT FROM certificates c
        WHERE c.id = certificate_id AND c.office_id = {office} AND c.revoked_at IS NULL AND c.superseded_at IS NULL
    )
);

CREATE POLICY certificate_batch_items_update ON certificate_batch_items FOR UPDATE TO kaowu_app USING (
    (office_id = {office} AND {may} && ARRAY['run_office', 'supervise'])
    OR (
        state = 'waiting' AND {may} && ARRAY['review_for_unit', 'review_for_department']
        AND EXISTS (SELECT FROM certificate_batches b WHERE b.id = batch_id AND b.unit_id = ANY ({units}))
    )
) WITH CHECK (
    (settled_by IS NULL OR settled_by = {account}) AND (office_id = {office} OR state = 'received')
);

CREATE POLICY certificate_batch_items_province_select ON certificate_batch_items FOR SELECT TO kaowu_province
    USING (true);

CREATE POLICY certificate_batch_items_province_update ON certificate_batch_items FOR UPDATE TO kaowu_province
    USING ('supervise' = ANY ({may}) AND state = 'waiting') WITH CHECK (state = 'dropped');

CREATE POLICY certificate_batch_items_auditor_select ON certificate_batch_items FOR SELECT TO kaowu_auditor USING (true);
CREATE POLICY keeper_select ON certificate_batch_items FOR SELECT TO kaowu_keeper USING (true);
CREATE POLICY keeper_update ON certificate_batch_items FOR UPDATE TO kaowu_keeper USING (true);
