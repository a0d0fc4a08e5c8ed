-- What a panel came to stays once it no longer scores.
CREATE FUNCTION guard_panel_score() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM evaluation_panels p WHERE p.id = NEW.panel_id AND p.state = 'scoring') THEN
        RAISE EXCEPTION 'what a panel came to stays' USING ERRCODE = 'KW022';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_panel_score BEFORE UPDATE ON panel_candidates
    FOR EACH ROW WHEN (current_user <> 'kaowu_keeper') EXECUTE FUNCTION guard_panel_score();
