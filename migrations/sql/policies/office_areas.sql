-- Reference: public facts, read by everybody, written by the owner alone.
GRANT SELECT ON office_areas TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
