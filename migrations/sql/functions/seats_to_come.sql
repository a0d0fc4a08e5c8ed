-- For the office that keeps a room alone: the published seats there of sittings to come, those of other offices among
-- them, and no more than sitting and number.
CREATE FUNCTION seats_to_come(p_room uuid, p_at timestamptz) RETURNS TABLE (sitting_id uuid, seat bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT s.sitting_id, s.seat
    FROM seats s
    JOIN sittings t ON t.id = s.sitting_id
    JOIN exam_rooms r ON r.id = s.room_id
    WHERE s.room_id = p_room AND r.office_id = {office} AND 'schedule' = ANY ({may})
    AND s.published_at IS NOT NULL AND s.voided_at IS NULL AND t.cancelled_at IS NULL AND t.ends_at > p_at
$$;

REVOKE ALL ON FUNCTION seats_to_come(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seats_to_come(uuid, timestamptz) TO kaowu_app;
ALTER FUNCTION seats_to_come(uuid, timestamptz) OWNER TO kaowu_transfer;
