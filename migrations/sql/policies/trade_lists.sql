-- The public catalogue of trades, version by version: read by everybody, added to by the provincial center alone.
GRANT SELECT ON trade_lists TO kaowu_app, kaowu_province, kaowu_auditor, kaowu_transfer;
GRANT INSERT ON trade_lists TO kaowu_province;
