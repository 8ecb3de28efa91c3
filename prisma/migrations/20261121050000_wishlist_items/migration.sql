CREATE TABLE "wishlist_items" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "image_key" TEXT,
    -- As it was given. It stays beside a key that was made from it: rolling back shows it again.
    "image_url" TEXT,
    -- No foreign key: an image can be deleted, and its items are then without a picture.
    "image_id" TEXT,
    "image_updated_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "wishlist_items_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "wishlist_items_picture_check" CHECK ("image_id" IS NULL OR ("image_key" IS NULL AND "image_url" IS NULL))
);

-- A user's items, page by page.
CREATE INDEX "wishlist_items_user_idx" ON "wishlist_items" ("user_id", "id");

-- What is left to normalise; in the end it is next to nothing.
CREATE INDEX "wishlist_items_legacy_idx" ON "wishlist_items" ("id") WHERE "image_url" IS NOT NULL AND "image_key" IS NULL;
