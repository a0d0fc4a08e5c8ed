-- The key of a row in a digest's line: the parts of its primary key, joined by a slash.
CREATE FUNCTION fact_key(told jsonb, keys text[]) RETURNS text LANGUAGE sql IMMUTABLE
RETURN array_to_string(ARRAY(SELECT told ->> key FROM unnest(keys) WITH ORDINALITY AS k (key, place) ORDER BY place), '/');
