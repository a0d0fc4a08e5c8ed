-- Whose coming seats lie at these sites, in these rooms and in these sittings (an empty list narrows nothing), also of
-- other offices that a site serves, so that an act can tell everybody when and where. ``lost`` where the room can no
-- longer be used, ``holds`` where a ticket in force tells of it.
CREATE FUNCTION seats_reached(p_sites uuid[], p_rooms uuid[], p_sittings uuid[], p_now timestamptz)
RETURNS TABLE (
    office_id text, application_id uuid, person_id uuid, starts_at timestamptz, ends_at timestamptz, subjects text[],
    site text, address text, room text, seat integer, lost boolean, holds boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT s.office_id, s.application_id, a.person_id, t.starts_at, t.ends_at, t.subjects::text[], e.name, e.address,
        r.name, s.seat::integer,
        room_is_lost(s.sitting_id, s.room_id),
        EXISTS (SELECT FROM admission_tickets x WHERE x.application_id = s.application_id AND x.voided_at IS NULL)
    FROM seats s
    JOIN applications a ON a.id = s.application_id
    JOIN sittings t ON t.id = s.sitting_id
    JOIN exam_rooms r ON r.id = s.room_id
    JOIN exam_sites e ON e.id = r.site_id
    WHERE s.published_at IS NOT NULL AND s.voided_at IS NULL AND t.starts_at > p_now
    AND cardinality(p_sites) + cardinality(p_rooms) + cardinality(p_sittings) > 0
    AND (cardinality(p_sites) = 0 OR r.site_id = ANY (p_sites))
    AND (cardinality(p_rooms) = 0 OR s.room_id = ANY (p_rooms))
    AND (cardinality(p_sittings) = 0 OR s.sitting_id = ANY (p_sittings))
    ORDER BY s.office_id, s.application_id, t.starts_at
$$;

REVOKE ALL ON FUNCTION seats_reached(uuid[], uuid[], uuid[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seats_reached(uuid[], uuid[], uuid[], timestamptz) TO kaowu_app;
ALTER FUNCTION seats_reached(uuid[], uuid[], uuid[], timestamptz) OWNER TO kaowu_transfer;
