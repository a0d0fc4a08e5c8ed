-- The table of core.sanctions.procedure; a test holds the two together.
CREATE FUNCTION sanction_procedure() RETURNS TABLE (action text, from_state text, to_state text)
LANGUAGE sql IMMUTABLE SET search_path = public AS $$
    VALUES
    ('hear', 'proposed', 'hearing'),
    ('drop', 'proposed', 'dropped'),
    ('state', 'hearing', 'hearing'),
    ('clear', 'hearing', 'cleared'),
    ('clear', 'decided', 'cleared'),
    ('decide', 'hearing', 'decided'),
    ('appeal', 'decided', 'appealed'),
    ('carry_out', 'decided', 'final'),
    ('uphold', 'appealed', 'final'),
    ('overturn', 'appealed', 'overturned')
$$;
