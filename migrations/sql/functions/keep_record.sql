-- The record is only ever added to; that holds for its owner as well, who would have to remove the trigger first.
CREATE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    RAISE EXCEPTION 'the record is only ever added to' USING ERRCODE = 'KW004';
END
$$;

CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE OR TRUNCATE ON record_batches
    FOR EACH STATEMENT EXECUTE FUNCTION keep_record();
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE OR TRUNCATE ON record_entries
    FOR EACH STATEMENT EXECUTE FUNCTION keep_record();
CREATE TRIGGER keep_record BEFORE UPDATE OR DELETE OR TRUNCATE ON record_seals
    FOR EACH STATEMENT EXECUTE FUNCTION keep_record();
CREATE TRIGGER keep_record BEFORE DELETE OR TRUNCATE ON record_facts
    FOR EACH STATEMENT EXECUTE FUNCTION keep_record();
