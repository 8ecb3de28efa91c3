/** What in a caller's shell would lead away from the stack's own credentials, or contradict them. */
export const FOREIGN_AWS_VARIABLES = [
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'DATABASE_URL_SECRET_ID',
  'CLOUDFRONT_PRIVATE_KEY_SECRET_ID',
];
