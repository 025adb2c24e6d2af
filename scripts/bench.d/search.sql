-- /profiles/find/10/0/20/60/half/half/half as one statement, for pgbench; the terms are variables, since it reads a colon as one.
SELECT p.id, p.ord, p.age, p.location, p.tags, p.details
FROM (SELECT ord, profile_id FROM profile_terms WHERE term = '' AND age BETWEEN 20 AND 60 ORDER BY ord, profile_id LIMIT 500) AS w
CROSS JOIN LATERAL (SELECT * FROM profiles WHERE id = w.profile_id AND terms && :position AND terms && :looking
    AND terms && :tribes OFFSET 0) AS p
ORDER BY w.ord, w.profile_id LIMIT 10;
