-- A digest for each candidate of the seats that a published plan tells them.
CREATE FUNCTION seats_told(p_plan uuid) RETURNS TABLE (application_id uuid, digest text)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT s.application_id, encode(sha256(convert_to(string_agg(
        concat_ws('/', s.sitting_id, s.room_id, s.seat, extract(epoch FROM t.starts_at), extract(epoch FROM t.ends_at)),
        ',' ORDER BY s.sitting_id), 'UTF8')), 'hex')
    FROM seats s JOIN sittings t ON t.id = s.sitting_id
    WHERE s.plan_id = p_plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL
    GROUP BY s.application_id
$$;
