-- A line is struck, or stands again, only while its list is out, but for a decided case (take_along).
CREATE FUNCTION guard_struck() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM publications p WHERE p.id = NEW.publication_id AND p.state = 'published') THEN
        RAISE EXCEPTION 'a line is struck while its list is out' USING ERRCODE = 'KW003';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_struck BEFORE UPDATE ON publication_entries
    FOR EACH ROW
    WHEN (current_user NOT IN ('kaowu_keeper', 'kaowu_transfer') AND OLD.struck_at IS DISTINCT FROM NEW.struck_at)
    EXECUTE FUNCTION guard_struck();
