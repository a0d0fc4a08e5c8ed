ALTER TABLE review_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON review_items TO kaowu_app;
GRANT SELECT ON review_items TO kaowu_province, kaowu_auditor;

CREATE POLICY review_items_select ON review_items FOR SELECT TO kaowu_app USING (
    EXISTS (SELECT FROM applications a WHERE a.id = review_items.application_id)
);

CREATE POLICY review_items_insert ON review_items FOR INSERT TO kaowu_app WITH CHECK (
    account_id = {account} AND EXISTS (SELECT FROM applications a WHERE a.id = review_items.application_id)
);

CREATE POLICY review_items_kaowu_province_select ON review_items FOR SELECT TO kaowu_province USING (true);
CREATE POLICY review_items_kaowu_auditor_select ON review_items FOR SELECT TO kaowu_auditor USING (true);
