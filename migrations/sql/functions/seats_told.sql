-- For the release before, which issues tickets by it: a digest for each candidate of the seats of a published plan.
CREATE FUNCTION seats_told(p_plan uuid) RETURNS TABLE (application_id uuid, digest text)
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT g.application_id, g.digest FROM ticket_grounds(ARRAY(
        SELECT DISTINCT s.application_id FROM seats s
        WHERE s.plan_id = p_plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL)) g
$$;
