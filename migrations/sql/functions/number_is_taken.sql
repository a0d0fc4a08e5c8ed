-- Whether an identity number is somebody's already: the same answer that a registration gives.
CREATE FUNCTION number_is_taken(p_hash bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT FROM persons p WHERE p.id_hash = p_hash)
$$;

REVOKE ALL ON FUNCTION number_is_taken(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION number_is_taken(bytea) TO kaowu_app;
ALTER FUNCTION number_is_taken(bytea) OWNER TO kaowu_transfer;
