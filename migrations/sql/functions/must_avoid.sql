-- Whether somebody who acts has declared a relation to a case, and so neither reviews nor decides it.
CREATE FUNCTION must_avoid(p_application uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT related(acting_accounts(), p_application)
$$;

REVOKE ALL ON FUNCTION must_avoid(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION must_avoid(uuid) TO kaowu_app, kaowu_province;
ALTER FUNCTION must_avoid(uuid) OWNER TO kaowu_transfer;
