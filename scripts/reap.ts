import { applyStackEnvironment } from './with-stack-environment.ts';

/** npm run reap: the service's own command, on the stack that runs in this checkout unless told. */
await applyStackEnvironment(['DATABASE_URL', 'DATABASE_URL_SECRET_ID', 'S3_INPUT_BUCKET']);
await import('../src/start/reap.ts');
