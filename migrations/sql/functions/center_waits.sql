-- For the center: how many appeals against reviews wait for its answer, and in how many sanction cases of the province
-- the next step may be the officer's (core/sanctions/cases.py: capacities), by year. Its desk sees its own cases alone.
CREATE FUNCTION center_waits() RETURNS TABLE (kind text, year bigint, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT 'appeal', a.year, count(*)
    FROM review_appeals r
    JOIN applications a ON a.id = r.application_id
    WHERE 'lead_province' = ANY ({may}) AND r.superior_office_id = {office} AND r.state = 'open'
    GROUP BY a.year
    UNION ALL
    SELECT 'sanction', a.year, count(*)
    FROM sanction_cases s
    JOIN applications a ON a.id = s.application_id
    WHERE 'lead_province' = ANY ({may}) AND (
        (s.state IN ('proposed', 'hearing', 'decided') AND coalesce(s.decided_by_office_id, {office}) = {office})
        OR (s.state = 'appealed' AND s.decided_by IS DISTINCT FROM {account})
        OR (s.state = 'decided' AND EXISTS (
            SELECT FROM sanction_steps t WHERE t.case_id = s.id AND t.action = 'hand_up' AND t.from_state = 'decided'
        ))
    )
    GROUP BY a.year
$$;

REVOKE ALL ON FUNCTION center_waits() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION center_waits() TO kaowu_app, kaowu_province;
ALTER FUNCTION center_waits() OWNER TO kaowu_transfer;
