-- Reference: the table of verbs, written by migrations alone.
GRANT SELECT ON transitions TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
