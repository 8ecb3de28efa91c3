-- What a job is about to change is there before the change is made, and does not count until its page
-- does: a run that was killed in between leaves it for the next one.
ALTER TABLE "format_audit_changes" ADD COLUMN "counted" BOOLEAN NOT NULL DEFAULT true;

-- A few at a time, among millions.
CREATE INDEX "format_audit_changes_intended_idx" ON "format_audit_changes" ("job_id")
    WHERE NOT "counted";

-- What a job has left as it is, and why; kept as long as its changes.
CREATE TABLE "format_audit_left" (
    "job_id" TEXT NOT NULL,
    "object_key" TEXT COLLATE "C" NOT NULL,
    -- The name of the number that counts it: skipped, skipped_not_jpeg, errors, ...
    "outcome" TEXT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "format_audit_left_pkey" PRIMARY KEY ("job_id", "object_key"),
    CONSTRAINT "format_audit_left_job_id_fkey" FOREIGN KEY ("job_id")
        REFERENCES "format_audit_jobs" ("id") ON DELETE CASCADE
);
