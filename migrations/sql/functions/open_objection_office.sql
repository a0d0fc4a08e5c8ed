-- Anybody objects and nobody but the office reads it: of an open objection this says which office that is.
CREATE FUNCTION open_objection_office(p_objection uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT office_id FROM objections WHERE id = p_objection AND state = 'open'
$$;

REVOKE ALL ON FUNCTION open_objection_office(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_objection_office(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION open_objection_office(uuid) OWNER TO kaowu_transfer;
