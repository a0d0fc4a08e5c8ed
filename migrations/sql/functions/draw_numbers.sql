-- Put cases before a panel that is being formed, under numbers drawn by its secret seed: the order of the digests of
-- "seed:case". The caller learns neither the seed nor, from ids, who got which number.
CREATE FUNCTION draw_numbers(p_panel uuid, p_materials jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM evaluation_panels p
        WHERE p.id = p_panel AND p.office_id = {office} AND p.state = 'forming' AND 'examine' = ANY ({may})
    ) OR EXISTS (
        SELECT FROM jsonb_object_keys(p_materials) k LEFT JOIN applications a ON a.id = k::uuid
        WHERE a.office_id IS DISTINCT FROM {office}
    ) THEN
        RAISE EXCEPTION 'not a panel of this office to draw for' USING ERRCODE = '42501';
    END IF;
    WITH numbered AS (
        SELECT gen_random_uuid() AS id, a.id AS application_id, a.trade, m.value AS material,
            row_number() OVER (ORDER BY sha256(convert_to(d.seed || ':' || a.id::text, 'UTF8'))) AS number
        FROM jsonb_each(p_materials) m JOIN applications a ON a.id = m.key::uuid
        JOIN panel_draws d ON d.panel_id = p_panel
    ), put AS (
        INSERT INTO panel_candidates (id, panel_id, office_id, number, trade, material, works)
        SELECT id, p_panel, {office}, number, trade, material, '' FROM numbered ORDER BY number
    )
    INSERT INTO panel_identities (candidate_id, application_id, panel_id, office_id)
    SELECT id, application_id, p_panel, {office} FROM numbered;
END
$$;

REVOKE ALL ON FUNCTION draw_numbers(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION draw_numbers(uuid, jsonb) TO kaowu_app;
ALTER FUNCTION draw_numbers(uuid, jsonb) OWNER TO kaowu_transfer;
