CREATE TABLE "image_records" (
    "id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "size_bytes" BIGINT,
    "object_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "version_id" TEXT,
    "etag" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "thumbhash" TEXT,
    "failure_reason" TEXT,

    CONSTRAINT "image_records_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "image_records_status_check" CHECK ("status" IN ('pending', 'ready', 'failed')),
    -- A reason belongs to a failure, and a failure has a reason.
    CONSTRAINT "image_records_failure_reason_check" CHECK (("status" = 'failed') = ("failure_reason" IS NOT NULL))
);
