-- Whether a sitting can no longer use a room: the room was retired or withdrawn from it, the site closed, or the sitting
-- cancelled. What a sitting that has begun uses it keeps; the asker leaves those out.
CREATE FUNCTION room_is_lost(p_sitting uuid, p_room uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM sittings t WHERE t.id = p_sitting AND t.cancelled_at IS NOT NULL)
        OR EXISTS (
            SELECT FROM exam_rooms r JOIN exam_sites e ON e.id = r.site_id
            WHERE r.id = p_room AND (r.retired_at IS NOT NULL OR e.closed_at IS NOT NULL))
        OR EXISTS (
            SELECT FROM sitting_rooms u
            WHERE u.sitting_id = p_sitting AND u.room_id = p_room AND u.withdrawn_at IS NOT NULL)
$$;
