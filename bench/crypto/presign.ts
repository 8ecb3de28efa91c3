import type { Bench } from '../kit/bench.ts';
import { measureRates } from '../kit/rates.ts';
import { compareRounds } from '../kit/rows.ts';

const PROCESS = new URL('./presign-process.ts', import.meta.url);
const UNIT = 'URLs per CPU second';

export const presignBench: Bench = {
  name: 'presign-put',
  title: 'Upload URLs presigned by us, against the AWS SDK with a client that is reused',
  async run(options) {
    const { ours, reused, fresh } = await measureRates(
      PROCESS,
      { ours: ['ours'], reused: ['sdkReusedClient'], fresh: ['sdkNewClient'] },
      options,
    );
    const unit = UNIT;
    const limit = reused;
    return {
      rows: [
        compareRounds({
          what: "ours against the SDK's getSignedUrl",
          unit,
          ours,
          limit,
          goal: { atLeast: 4 },
        }),
        compareRounds({
          what: 'getSignedUrl with a new client each time',
          unit,
          ours: fresh,
          limit,
          goal: null,
        }),
      ],
      notes: [
        'Ours is `presignUpload` of the object store as the service calls it. The other side is `getSignedUrl` of `@aws-sdk/s3-request-presigner` with one `S3Client` for all. Both sign host and Content-Type for a new key each, with credentials from the environment; one after the other, as a client waits for its URL.',
      ],
    };
  },
};
