-- The person of a case of the office, to declare a relation to: members of a panel do not see their candidates' cases.
CREATE FUNCTION person_to_avoid(p_reference text, OUT person_id uuid, OUT about text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT a.person_id, a.person_name || '（' || a.unit_name || '）' FROM applications a
    WHERE a.reference = p_reference AND {office} IN (a.office_id, a.handler_office_id) AND a.state <> 'draft'
$$;

REVOKE ALL ON FUNCTION person_to_avoid(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_to_avoid(text) TO kaowu_app;
ALTER FUNCTION person_to_avoid(text) OWNER TO kaowu_transfer;
