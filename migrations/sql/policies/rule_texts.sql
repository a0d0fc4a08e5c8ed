-- The texts of rule documents are public; they are added to and never changed.
GRANT SELECT, INSERT ON rule_texts TO kaowu_app;
GRANT SELECT ON rule_texts TO kaowu_province, kaowu_auditor;
