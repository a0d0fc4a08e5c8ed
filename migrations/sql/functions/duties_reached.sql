-- The coming duties of published plans at these sites, in these rooms and in these sittings (an empty list narrows
-- nothing), also of other offices that a site serves, so that an act can tell the invigilators. ``lost`` where the room
-- can no longer be used.
CREATE FUNCTION duties_reached(p_sites uuid[], p_rooms uuid[], p_sittings uuid[], p_now timestamptz)
RETURNS TABLE (
    office_id text, unit_id uuid, number text, name text, starts_at timestamptz, ends_at timestamptz, site text,
    address text, room text, lost boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT d.office_id, i.unit_id, i.number, i.name, t.starts_at, t.ends_at, e.name, e.address, r.name,
        room_is_lost(d.sitting_id, d.room_id)
    FROM invigilations d
    JOIN plans p ON p.id = d.plan_id AND p.state = 'published'
    JOIN invigilators i ON i.id = d.invigilator_id
    JOIN sittings t ON t.id = d.sitting_id
    JOIN exam_rooms r ON r.id = d.room_id
    JOIN exam_sites e ON e.id = r.site_id
    WHERE t.starts_at > p_now
    AND cardinality(p_sites) + cardinality(p_rooms) + cardinality(p_sittings) > 0
    AND (cardinality(p_sites) = 0 OR r.site_id = ANY (p_sites))
    AND (cardinality(p_rooms) = 0 OR d.room_id = ANY (p_rooms))
    AND (cardinality(p_sittings) = 0 OR d.sitting_id = ANY (p_sittings))
    ORDER BY d.office_id, i.unit_id, i.number, t.starts_at
$$;

REVOKE ALL ON FUNCTION duties_reached(uuid[], uuid[], uuid[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION duties_reached(uuid[], uuid[], uuid[], timestamptz) TO kaowu_app;
ALTER FUNCTION duties_reached(uuid[], uuid[], uuid[], timestamptz) OWNER TO kaowu_transfer;
