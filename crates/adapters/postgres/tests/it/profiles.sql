-- Approved profiles with tags of every frequency: {profiles} of them, with a place in lists of {ord}.
--
-- In each facet half of them have the tag `half`, and so on; `ten` are ten of all; each has one of the hundred `u0` to `u99`. Half
-- of them are `apart` in the first and the third facet, the others in the second and the fourth; a tenth is `away` in each
-- facet, and none in two.
SET work_mem = '128MB';
CREATE FUNCTION pg_temp.dice(n bigint, seed integer, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE
    AS 'SELECT (abs(hashint8extended(n, seed)) % sides)::integer';
CREATE TEMPORARY TABLE facets (number integer, facet text) ;
INSERT INTO facets VALUES (0, 'position'), (1, 'looking'), (2, 'tribes'), (3, 'ethnicities');
CREATE TEMPORARY TABLE tags AS
SELECT n, number, tag FROM generate_series(1, {profiles}) AS n, facets,
    unnest(ARRAY[
        CASE WHEN pg_temp.dice(n, number, 2) = 0 THEN 'half' END,
        CASE WHEN pg_temp.dice(n, number + 10, 10) = 0 THEN 'tenth' END,
        CASE WHEN pg_temp.dice(n, number + 20, 100) = 0 THEN 'hundredth' END,
        CASE WHEN pg_temp.dice(n, number + 30, 1000) = 0 THEN 'thousandth' END,
        CASE WHEN n % ({profiles} / 10) = number THEN 'ten' END,
        CASE WHEN pg_temp.dice(n, 40, 2) = number % 2 THEN 'apart' END,
        CASE WHEN pg_temp.dice(n, 41, 10) = number THEN 'away' END,
        'u' || pg_temp.dice(n, number + 50, 100)]) AS tag
WHERE tag IS NOT NULL;
CREATE TEMPORARY TABLE words AS
SELECT number, tag, term, (1::bigint << (get_byte(digest, 0) % 31)) | (1::bigint << (32 + get_byte(digest, 1) % 31)) AS bits
FROM (SELECT number, tag, left(facet, 1) || ':' || tag AS term FROM facets JOIN (SELECT DISTINCT number, tag FROM tags) AS t
    USING (number)) AS t, sha256(convert_to(term, 'UTF8')) AS digest;
ANALYZE tags, words;
CREATE TEMPORARY TABLE made AS
SELECT n, (lpad(to_hex(1700000000 + n), 8, '0') || '-0000-8000-8000-000000000000')::uuid AS id, {ord} AS ord,
    (18 + pg_temp.dice(n, 99, 73))::smallint AS age, 'City ' || n % 2000 AS location,
    format('{"position":%s,"looking":%s,"tribes":%s,"ethnicities":%s}', to_json(a), to_json(b), to_json(c), to_json(d)) AS tags,
    terms, position, looking, tribes, ethnicities
FROM (SELECT n, array_agg(term) AS terms,
        array_agg(tag) FILTER (WHERE number = 0) AS a, array_agg(tag) FILTER (WHERE number = 1) AS b,
        array_agg(tag) FILTER (WHERE number = 2) AS c, array_agg(tag) FILTER (WHERE number = 3) AS d,
        bit_or(always | bits) FILTER (WHERE number = 0) AS position,
        bit_or(always | bits) FILTER (WHERE number = 1) AS looking,
        bit_or(always | bits) FILTER (WHERE number = 2) AS tribes,
        bit_or(always | bits) FILTER (WHERE number = 3) AS ethnicities
    FROM (SELECT n, number, tag, term, bits, (1::bigint << 31) | (1::bigint << 63) AS always
        FROM tags JOIN words USING (number, tag) ORDER BY n) AS in_order
    GROUP BY n) AS all_of_it;
DROP TABLE tags;
INSERT INTO profiles (id, author, changes, created_at, updated_at, ord, age, state, location, terms, tags, details,
    decision, messages)
SELECT id, NULL, 0, to_timestamp(1700000000 + n), to_timestamp(1700000000 + n), ord, age, 'approved', location,
    terms || ARRAY['', 'a:' || age, 'd:' || age / 10, 'w:' || location], tags,
    json_build_object('name', 'Some Name ' || n, 'about', repeat('words about myself ', 10)), NULL, '[]'
FROM made ORDER BY n;
INSERT INTO profile_terms (term, ord, profile_id, age, position_bits, looking_bits, tribes_bits, ethnicities_bits)
SELECT term, m.ord, id, m.age, position, looking, tribes, ethnicities FROM made AS m JOIN profiles AS p USING (id), unnest(p.terms) AS term
ORDER BY term, m.ord, id;
INSERT INTO profile_counts (state, slot, number) VALUES ('approved', 0, {profiles});
DROP TABLE made;
