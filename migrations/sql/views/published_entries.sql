-- What the public reads of a list: it belongs to a role that cannot log in, and shows nothing else.
CREATE VIEW published_entries WITH (security_barrier) AS
    SELECT e.publication_id, e.position,
        CASE p.name_shown
            WHEN 'full' THEN a.person_name
            WHEN 'middle' THEN left(a.person_name, 1) || repeat('*', greatest(char_length(a.person_name) - 2, 1))
                || CASE WHEN char_length(a.person_name) > 2 THEN right(a.person_name, 1) ELSE '' END
            ELSE left(a.person_name, 1) || repeat('*', greatest(char_length(a.person_name) - 1, 1))
        END AS shown_name,
        right(a.id_tail, p.tail_digits::integer) AS shown_tail,
        CASE WHEN p.units_shown THEN a.unit_name ELSE '' END AS shown_unit,
        a.grade, a.trade
    FROM publication_entries e
    JOIN publications p ON p.id = e.publication_id
    JOIN applications a ON a.id = e.application_id
    WHERE p.state IN ('published', 'closed') AND e.struck_at IS NULL AND e.released_at IS NULL;

GRANT SELECT ON published_entries TO kaowu_app, kaowu_province, kaowu_auditor;
ALTER VIEW published_entries OWNER TO kaowu_transfer;
