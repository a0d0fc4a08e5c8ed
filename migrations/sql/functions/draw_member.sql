-- The first of some accounts by a panel's secret seed: the order of the digests of "seed:member:turn:account". A turn
-- is drawn once: it is the number of members whom the panel has had.
CREATE FUNCTION draw_member(p_panel uuid, p_pool uuid[]) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c FROM unnest(p_pool) c JOIN panel_draws d ON d.panel_id = p_panel AND d.office_id = {office}
    WHERE 'examine' = ANY ({may})
    ORDER BY sha256(convert_to(
        d.seed || ':member:' || (SELECT count(*) FROM panel_members m WHERE m.panel_id = p_panel) || ':' || c, 'UTF8'
    ))
    LIMIT 1
$$;

REVOKE ALL ON FUNCTION draw_member(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION draw_member(uuid, uuid[]) TO kaowu_app;
ALTER FUNCTION draw_member(uuid, uuid[]) OWNER TO kaowu_transfer;
