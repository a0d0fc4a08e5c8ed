-- The office that issued the certificates; a unit reads what was handed over to it, and closes it with the last
-- signature.
ALTER TABLE certificate_batches ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON certificate_batches TO kaowu_app;
GRANT UPDATE (state, handed_at, handed_by, handed_by_name, receiver) ON certificate_batches TO kaowu_app;
GRANT UPDATE (state) ON certificate_batches TO kaowu_province;
GRANT SELECT ON certificate_batches TO kaowu_province, kaowu_auditor;

CREATE POLICY certificate_batches_select ON certificate_batches FOR SELECT TO kaowu_app USING (
    office_id = {office} OR (handed_at IS NOT NULL AND unit_id = ANY ({units}))
);

CREATE POLICY certificate_batches_insert ON certificate_batches FOR INSERT TO kaowu_app WITH CHECK (
    office_id = {office} AND 'run_office' = ANY ({may}) AND made_by = {account}
);

CREATE POLICY certificate_batches_update ON certificate_batches FOR UPDATE TO kaowu_app USING (
    (office_id = {office} AND {may} && ARRAY['run_office', 'supervise'])
    OR (
        handed_at IS NOT NULL AND unit_id = ANY ({units})
        AND {may} && ARRAY['review_for_unit', 'review_for_department']
    )
) WITH CHECK (
    (handed_at IS NULL AND state = 'cancelled')
    OR (handed_at IS NOT NULL AND (handed_by = {account} OR state IN ('handed_over', 'settled')))
);

CREATE POLICY certificate_batches_province_select ON certificate_batches FOR SELECT TO kaowu_province USING (true);

CREATE POLICY certificate_batches_province_update ON certificate_batches FOR UPDATE TO kaowu_province
    USING ('supervise' = ANY ({may})) WITH CHECK (state = 'settled');

CREATE POLICY certificate_batches_auditor_select ON certificate_batches FOR SELECT TO kaowu_auditor USING (true);
GRANT SELECT (id, handed_at) ON certificate_batches TO kaowu_transfer;
CREATE POLICY certificate_batches_transfer_select ON certificate_batches FOR SELECT TO kaowu_transfer USING (true);
