-- What has been decided stays as it is; the keeper erases texts whose term is over.
CREATE FUNCTION guard_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF current_user = 'kaowu_keeper' THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'what has been decided stays as it is' USING ERRCODE = 'KW022';
END
$$;

CREATE TRIGGER guard_decided BEFORE UPDATE ON evaluation_panels
    FOR EACH ROW
    WHEN (OLD.state = 'dissolved' OR (OLD.state = 'closed' AND NEW.state <> 'dissolved'))
    EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON evaluation_sheets
    FOR EACH ROW
    WHEN (OLD.state NOT IN ('open', 'submitted') OR (OLD.state = 'submitted' AND NEW.state <> 'void'))
    EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON mark_corrections
    FOR EACH ROW WHEN (OLD.state <> 'asked') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON mark_imports
    FOR EACH ROW WHEN (OLD.state = 'withdrawn' OR NEW.state = 'proposed') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON panel_rankings
    FOR EACH ROW
    WHEN (OLD.state <> 'proposed' AND NOT (OLD.state = 'confirmed' AND NEW.state = 'withdrawn'))
    EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON review_appeals
    FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION guard_decided();
CREATE TRIGGER guard_decided BEFORE UPDATE ON score_checks
    FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION guard_decided();
