-- The certificates of an application's person from earlier years, at whichever office: for the person, the unit and the
-- offices of the application. Nothing but what is printed on them, and whether they still hold; none of practice offices.
CREATE FUNCTION held_certificates(p_application uuid)
RETURNS TABLE (
    number text, grade bigint, trade text, year bigint, issued_at timestamptz, office text, revoked boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT c.number, e.grade, e.trade, c.year, c.issued_at, o.name, c.revoked_at IS NOT NULL
    FROM applications n
    JOIN applications e ON e.person_id = n.person_id AND e.year < n.year
    JOIN certificates c ON c.application_id = e.id AND c.superseded_at IS NULL
    JOIN offices o ON o.id = c.office_id AND NOT o.practice
    WHERE n.id = p_application AND (
        n.person_id = {person} OR n.unit_id = ANY ({units}) OR {office} IN (n.office_id, n.handler_office_id)
        OR {scope} = 'province'
    )
    ORDER BY e.grade, c.issued_at DESC
$$;

REVOKE ALL ON FUNCTION held_certificates(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION held_certificates(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION held_certificates(uuid) OWNER TO kaowu_transfer;
