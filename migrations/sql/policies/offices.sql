-- Reference: public facts, read by everybody, written by the owner alone.
GRANT SELECT ON offices TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_keeper, kaowu_transfer;
