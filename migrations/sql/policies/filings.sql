ALTER TABLE filings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON filings TO kaowu_app;
GRANT UPDATE (
    state, receipt_number, remark, decided_at, decided_by, record_batch, record_head
) ON filings TO kaowu_app, kaowu_province;
GRANT SELECT ON filings TO kaowu_province, kaowu_auditor;

CREATE POLICY filings_select ON filings FOR SELECT TO kaowu_app USING (
    office_id = {office}
    OR to_office_id = {office}
    OR ({scope} IS NOT NULL AND kind = 'exam_dates' AND state = 'received')
);

CREATE POLICY filings_insert ON filings FOR INSERT TO kaowu_app WITH CHECK (office_id = {office} AND state = 'filed');

CREATE POLICY filings_update ON filings FOR UPDATE TO kaowu_app USING (
    to_office_id = {office} AND state = 'filed'
) WITH CHECK (true);

CREATE POLICY filings_kaowu_province_select ON filings FOR SELECT TO kaowu_province USING (true);

CREATE POLICY filings_province_update ON filings FOR UPDATE TO kaowu_province USING (
    to_office_id = {office} AND state = 'filed'
) WITH CHECK (true);

CREATE POLICY filings_kaowu_auditor_select ON filings FOR SELECT TO kaowu_auditor USING (true);
