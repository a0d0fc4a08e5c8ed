-- How many units have booked a time, and the highest number given out: a unit sees its own bookings alone.
CREATE FUNCTION slot_taken(p_slot uuid)
RETURNS TABLE (taken bigint, highest bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT count(*) FILTER (WHERE state <> 'ended'), coalesce(max(number), 0)
    FROM onsite_bookings WHERE slot_id = p_slot
$$;

REVOKE ALL ON FUNCTION slot_taken(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION slot_taken(uuid) TO kaowu_app;
ALTER FUNCTION slot_taken(uuid) OWNER TO kaowu_transfer;
