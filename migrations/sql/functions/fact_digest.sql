-- Empty columns are left out, so that one that is added later changes no digest.
CREATE FUNCTION fact_digest(told jsonb, salt uuid) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN sha256(convert_to(salt::text || jsonb_strip_nulls(told)::text, 'UTF8'));
