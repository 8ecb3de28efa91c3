/** What in a caller's shell would lead the AWS SDK away from the stack's own credentials. */
export const FOREIGN_AWS_VARIABLES = ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];
