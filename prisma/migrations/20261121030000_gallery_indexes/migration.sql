-- An image is created at the time in its id: lists run by the id, and what they filter and show has
-- to agree with it to the millisecond. Records used to be given the time of their insertion.
UPDATE "image_records" SET "created_at" = "told"."created_at"
FROM (
    SELECT "id", (
        SELECT TIMESTAMPTZ 'epoch' + INTERVAL '1 millisecond' * sum(
            (strpos('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr("id", "digit", 1)) - 1) * 32::NUMERIC ^ (10 - "digit")
        )
        FROM generate_series(1, 10) AS "digit"
    ) AS "created_at"
    FROM "image_records"
) AS "told"
WHERE "told"."id" = "image_records"."id" AND "told"."created_at" <> "image_records"."created_at";

-- One for a status alone; one for a content type, alone (a scan for each of three statuses) or with
-- a status. Each ends in the id, so that a page is one stretch of it, however deep.
CREATE INDEX "image_records_status_id_idx" ON "image_records" ("status", "id");
CREATE INDEX "image_records_content_type_status_id_idx" ON "image_records" ("content_type", "status", "id");

-- What two texts have in common that differ in case, or in how their accents are composed, in any
-- language and whatever locale the database was made with.
CREATE FUNCTION "file_name_folded"("name" TEXT) RETURNS TEXT
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(normalize("name") COLLATE "und-x-icu");

-- The three days (2^28 ms) that an image is of, as the first five characters that an id of them has.
CREATE FUNCTION "image_period"("id" TEXT) RETURNS TEXT
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
RETURN left("id", 4)
    || translate(substr("id", 5, 1), '0123456789ABCDEFGHJKMNPQRSTVWXYZ', '0000000088888888GGGGGGGGRRRRRRRR');

-- Every three characters in a row, and the last two and the last one: any part of a name begins one
-- of them. Each together with the period: what is in most names is found in one period without
-- listing those of all others. pg_trgm knows no such periods, is no help with parts of one or two
-- characters, and none, in databases of locale C, with letters beyond ASCII.
CREATE FUNCTION "file_name_grams"("name" TEXT, "id" TEXT) RETURNS TSVECTOR
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT array_to_tsvector(array_agg("image_period"("id") || substr("folded", "start", 3)))
    FROM "file_name_folded"("name") AS "folded", generate_series(1, length("folded")) AS "start"
);

-- What the grams of a name of this period have to have when this part is in it; of fewer than three
-- characters, a gram that begins so.
CREATE FUNCTION "file_name_part_grams"("part" TEXT, "period" TEXT) RETURNS TSQUERY
LANGUAGE SQL IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(
        '''' || "period" || replace(replace(substr("folded", "start", 3), '\', '\\'), '''', '''''') || ''''
            || CASE WHEN length("folded") < 3 THEN ':*' ELSE '' END,
        ' & '
    )::TSQUERY
    FROM "file_name_folded"("part") AS "folded", generate_series(1, greatest(length("folded") - 2, 1)) AS "start"
);

-- Without a list of pending entries, which each search would read to its end for each period.
CREATE INDEX "image_records_file_name_grams_idx" ON "image_records" USING GIN ("file_name_grams"("file_name", "id"))
WITH (fastupdate = off);
