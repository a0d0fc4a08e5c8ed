ALTER TABLE record_batches ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON record_batches TO kaowu_app;
GRANT SELECT ON record_batches TO kaowu_province, kaowu_auditor;

-- Where an entry is seen, its place and its batch are seen as well.
CREATE POLICY record_batches_select ON record_batches FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR EXISTS (
        SELECT FROM record_seals s WHERE s.office_id = record_batches.office_id AND s.batch = record_batches.number
    )
);

CREATE POLICY record_batches_insert ON record_batches FOR INSERT TO kaowu_app
    WITH CHECK ({scope} = 'system' AND office_id = {office});

CREATE POLICY record_batches_kaowu_province_select ON record_batches FOR SELECT TO kaowu_province USING (true);
CREATE POLICY record_batches_kaowu_auditor_select ON record_batches FOR SELECT TO kaowu_auditor USING (true);
