-- A deleted image is moved here: the list of what is still to be done, and later the proof that
-- there was such an image. Nothing of what its owner said about it is kept.
CREATE TABLE "image_deletions" (
    "id" TEXT NOT NULL,
    "object_key" TEXT NOT NULL,
    -- Whether there were URLs to read it, and for which versions: what the CDN has to forget.
    "was_ready" BOOLEAN NOT NULL,
    "version_id" TEXT,
    "thumbnail_version_id" TEXT,
    "requested_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(6),

    CONSTRAINT "image_deletions_pkey" PRIMARY KEY ("id")
);

-- What is still to be done, in order of id; among millions of others it is little.
CREATE INDEX "image_deletions_unfinished_idx" ON "image_deletions" ("id") WHERE "finished_at" IS NULL;
-- What is old enough to be forgotten.
CREATE INDEX "image_deletions_finished_idx" ON "image_deletions" ("finished_at") WHERE "finished_at" IS NOT NULL;
