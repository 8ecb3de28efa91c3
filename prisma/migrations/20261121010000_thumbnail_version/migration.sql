-- The exact thumbnail that belongs to the validated version, as version_id is for the image itself.
ALTER TABLE "image_records" ADD COLUMN "thumbnail_version_id" TEXT;
