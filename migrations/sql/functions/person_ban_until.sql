-- Until when a person may not apply, whichever office said so. A ban of earlier years holds once it is confirmed.
CREATE FUNCTION person_ban_until(p_person uuid, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT max(ends) FROM bans
    WHERE person_id = p_person AND begins <= p_at AND p_at < ends AND (lifted_at IS NULL OR lifted_at > p_at)
        AND (case_id IS NOT NULL OR confirmed_at IS NOT NULL)
$$;

REVOKE ALL ON FUNCTION person_ban_until(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_ban_until(uuid, timestamptz) TO kaowu_app, kaowu_province;
ALTER FUNCTION person_ban_until(uuid, timestamptz) OWNER TO kaowu_transfer;
