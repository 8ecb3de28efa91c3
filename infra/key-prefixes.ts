/**
 * Where objects of each kind lie in the bucket; every policy and cache behaviour is written in these.
 * A test holds them against the service's own rules.
 */
export const INGEST = 'ingest/';
export const THUMBNAILS = 'thumbnails/';
export const WISHLIST = 'uploads/wishlist/';

/**
 * Images of an earlier layout, `uploads/{image id}`. An image id begins with its time, and with `0`
 * until the year 3084; so nothing under `uploads/wishlist/` is meant by this.
 */
export const EARLIER_INGEST = 'uploads/0';
