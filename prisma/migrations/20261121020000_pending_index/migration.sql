-- The reaper walks the pending records in order of id; among millions of others they are few.
CREATE INDEX "image_records_pending_idx" ON "image_records" ("id") WHERE "status" = 'pending';
