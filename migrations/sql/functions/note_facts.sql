-- Notes a digest of each row of a covered table as it comes, changes and goes (core/security/fact_coverage.py); the sealer
-- puts the digests on the record. The arguments: the table's key, the columns and the rows that are left out.
-- core/audit/facts.py computes the same digest; the time zone is part of how a moment is written.
CREATE FUNCTION note_facts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public SET timezone = 'UTC' AS $$
DECLARE
    keys text[] := TG_ARGV[0];
    without text[] := TG_ARGV[1];
    unless jsonb := nullif(TG_ARGV[2], '');
    -- Most keys are one column: to ask it directly saves a fifth of the time.
    one text := CASE WHEN cardinality(keys) = 1 THEN keys[1] END;
BEGIN
    IF TG_OP = 'INSERT' THEN
        WITH come AS MATERIALIZED (SELECT to_jsonb(n) AS told, gen_random_uuid() AS salt FROM new_rows n)
        INSERT INTO record_facts (table_name, row_key, salt, digest)
        SELECT TG_TABLE_NAME, coalesce(told ->> one, fact_key(told, keys)), salt, fact_digest(told - without, salt)
        FROM come WHERE unless IS NULL OR NOT told @> unless;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO record_facts (table_name, row_key)
        SELECT TG_TABLE_NAME, coalesce(told ->> one, fact_key(told, keys)) FROM (SELECT to_jsonb(o) AS told FROM old_rows o) gone
        WHERE unless IS NULL OR NOT told @> unless;
    ELSE
        WITH was AS MATERIALIZED (
            SELECT coalesce(told ->> one, fact_key(told, keys)) AS key, told - without AS told FROM (SELECT to_jsonb(o) AS told FROM old_rows o) r
            WHERE unless IS NULL OR NOT told @> unless
        ), become AS MATERIALIZED (
            SELECT coalesce(told ->> one, fact_key(told, keys)) AS key, told - without AS told, gen_random_uuid() AS salt
            FROM (SELECT to_jsonb(n) AS told FROM new_rows n) r
            WHERE unless IS NULL OR NOT told @> unless
        )
        INSERT INTO record_facts (table_name, row_key, salt, digest)
        SELECT TG_TABLE_NAME, coalesce(become.key, was.key), salt, fact_digest(become.told, salt)
        FROM was FULL JOIN become ON become.key = was.key
        WHERE become.told IS DISTINCT FROM was.told;
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    covered record;
    arguments text;
BEGIN
    FOR covered IN
        SELECT c.relname AS name, i.indkey, array_agg(a.attname ORDER BY k.place)::text AS keys
        FROM pg_class c
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ({tables_left_out})
        GROUP BY c.relname, i.indkey
    LOOP
        arguments := format(
            '%L, %L, %L', covered.keys,
            (SELECT coalesce(array_agg(name), '{}') FROM jsonb_array_elements_text({columns_left_out} -> covered.name) name),
            coalesce(({rows_left_out} -> covered.name)::text, '')
        );
        EXECUTE format('CREATE TRIGGER note_come AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION note_facts(%s)', covered.name, arguments);
        EXECUTE format('CREATE TRIGGER note_changed AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows '
            'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_facts(%s)', covered.name, arguments);
        EXECUTE format('CREATE TRIGGER note_gone AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
            'FOR EACH STATEMENT EXECUTE FUNCTION note_facts(%s)', covered.name, arguments);
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION note_facts() FROM PUBLIC;
ALTER FUNCTION note_facts() OWNER TO kaowu_transfer;
