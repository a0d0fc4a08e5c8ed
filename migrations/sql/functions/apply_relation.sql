-- A relation that is declared while a panel scores takes effect at once: an open sheet is excused, one that is in is void.
CREATE FUNCTION apply_relation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE evaluation_sheets s
    SET state = CASE s.state WHEN 'open' THEN 'excused' ELSE 'void' END,
        ended_at = CASE s.state WHEN 'open' THEN NEW.declared_at ELSE s.ended_at END,
        remark = '登记了回避关系'
    FROM panel_identities i, evaluation_panels p
    WHERE i.candidate_id = s.candidate_id AND p.id = s.panel_id AND p.state = 'scoring'
    AND s.state IN ('open', 'submitted') AND related(ARRAY[s.account_id], i.application_id)
    AND s.account_id IN (
        SELECT NEW.account_id
        UNION
        SELECT d.id FROM accounts c JOIN accounts d ON d.person_id = c.person_id WHERE c.id = NEW.account_id
    );
    RETURN NEW;
END
$$;

CREATE TRIGGER apply_relation AFTER INSERT ON declared_relations FOR EACH ROW EXECUTE FUNCTION apply_relation();

ALTER FUNCTION apply_relation() OWNER TO kaowu_transfer;
