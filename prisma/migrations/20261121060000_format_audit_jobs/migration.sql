CREATE TABLE "format_audit_jobs" (
    "id" TEXT NOT NULL,
    -- The order in which they were made: ids do not sort beyond 999 jobs a day.
    "position" BIGINT GENERATED ALWAYS AS IDENTITY,
    "stage" INTEGER NOT NULL,
    "prefix" TEXT NOT NULL,
    "dry_run" BOOLEAN NOT NULL,
    "object_limit" INTEGER,
    "force" BOOLEAN NOT NULL,
    "status" TEXT NOT NULL,
    "stats" JSONB NOT NULL,
    -- The first hundred.
    "errors" JSONB NOT NULL,
    -- What was left as it is for a reason worth telling; the first hundred.
    "left_alone" JSONB NOT NULL,
    -- The last key that was looked at, as JSON: a key can hold what text cannot.
    "checkpoint" TEXT,
    -- How many pages are counted. A page is counted by whoever finds the number that it began with.
    "pages" INTEGER NOT NULL DEFAULT 0,
    -- Attempts in a row at the page after the checkpoint that came to nothing.
    "failures" INTEGER NOT NULL DEFAULT 0,
    -- Who works on it, and until when nobody else may.
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(6),
    "completed_at" TIMESTAMPTZ(6),
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "format_audit_jobs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "format_audit_jobs_stage_check" CHECK ("stage" IN (1, 2, 3)),
    CONSTRAINT "format_audit_jobs_status_check"
        CHECK ("status" IN ('pending', 'running', 'completed', 'failed', 'cancelled'))
);

CREATE UNIQUE INDEX "format_audit_jobs_position_key" ON "format_audit_jobs" ("position");

-- One job a stage and prefix at a time; few are ever in it, so the sweep reads it, too.
CREATE UNIQUE INDEX "format_audit_jobs_active_key" ON "format_audit_jobs" ("stage", "prefix")
    WHERE "status" IN ('pending', 'running');

-- What a job has changed, or would have. There may be millions, kept for a while only.
CREATE TABLE "format_audit_changes" (
    "job_id" TEXT NOT NULL,
    -- In the order of the store, which is that of bytes.
    "object_key" TEXT COLLATE "C" NOT NULL,
    "changed_from" TEXT NOT NULL,
    "changed_to" TEXT NOT NULL,

    CONSTRAINT "format_audit_changes_pkey" PRIMARY KEY ("job_id", "object_key"),
    CONSTRAINT "format_audit_changes_job_id_fkey" FOREIGN KEY ("job_id")
        REFERENCES "format_audit_jobs" ("id") ON DELETE CASCADE
);
