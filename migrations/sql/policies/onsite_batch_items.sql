ALTER TABLE onsite_batch_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON onsite_batch_items TO kaowu_app;
GRANT UPDATE (missing_at, missing) ON onsite_batch_items TO kaowu_app;
GRANT SELECT ON onsite_batch_items TO kaowu_province, kaowu_auditor;

CREATE POLICY onsite_batch_items_select ON onsite_batch_items FOR SELECT TO kaowu_app
    USING (EXISTS (SELECT FROM onsite_batches b WHERE b.id = batch_id));

CREATE POLICY onsite_batch_items_insert ON onsite_batch_items FOR INSERT TO kaowu_app WITH CHECK (
    EXISTS (SELECT FROM onsite_batches b WHERE b.id = batch_id AND b.unit_id = ANY ({units}))
);

CREATE POLICY onsite_batch_items_update ON onsite_batch_items FOR UPDATE TO kaowu_app USING (
    EXISTS (SELECT FROM onsite_batches b WHERE b.id = batch_id AND b.office_id = {office})
) WITH CHECK (true);

CREATE POLICY onsite_batch_items_kaowu_province_select ON onsite_batch_items FOR SELECT TO kaowu_province
    USING (true);

CREATE POLICY onsite_batch_items_kaowu_auditor_select ON onsite_batch_items FOR SELECT TO kaowu_auditor USING (true);
