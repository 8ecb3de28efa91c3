import { applyStackEnvironment } from './with-stack-environment.ts';

/** npm run dlq: the service's own command, on the stack that runs in this checkout unless told. */
await applyStackEnvironment(['SQS_MEDIA_QUEUE_URL', 'SQS_MEDIA_DLQ_URL']);
await import('../src/start/dlq.ts');
