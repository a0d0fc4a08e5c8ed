-- A digest is never changed: the sealer names the entry that has it, once, and erasure takes its salt away.
CREATE FUNCTION keep_fact() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF (OLD.id, OLD.table_name, OLD.row_key, OLD.transaction) IS DISTINCT FROM
        (NEW.id, NEW.table_name, NEW.row_key, NEW.transaction)
        OR OLD.digest IS DISTINCT FROM NEW.digest
        OR (OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id)
        OR (NEW.salt IS NOT NULL AND OLD.salt IS DISTINCT FROM NEW.salt) THEN
        RAISE EXCEPTION 'the record is only ever added to' USING ERRCODE = 'KW004';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_fact BEFORE UPDATE ON record_facts FOR EACH ROW EXECUTE FUNCTION keep_fact();
