-- Reference: public facts, read by everybody, written by the owner and, with a new list, by the provincial center.
-- Nobody but the owner deletes a trade: cases name it.
GRANT SELECT ON season_trades TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT INSERT, UPDATE (name, is_open) ON season_trades TO kaowu_province;
