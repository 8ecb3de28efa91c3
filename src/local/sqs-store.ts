import { buildApp } from 'fauxqs';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type SqsStore = Stores['sqsStore'];
type Persistence = NonNullable<SqsStore['persistence']>;

/** The account id that fauxqs puts into queue URLs and ARNs. */
const ACCOUNT_ID = '000000000000';

/**
 * Loads one of fauxqs's own modules. Its exported `startFauxqs` persists but listens on all
 * interfaces with S3 and SNS beside the queues; its exported `buildApp` does not persist. What
 * joins the two is not exported, so package.json pins the exact version.
 */
async function loadInternal<T>(file: string): Promise<T> {
  return import(new URL(file, import.meta.resolve('fauxqs')).href);
}

/** A queue server that is not listening yet, and what it keeps. */
export interface SqsApp {
  app: ReturnType<typeof buildApp>;
  store: SqsStore;
  /** Closes the files; to be called once nothing is served any more. */
  closeStore(): void;
}

/**
 * Builds fauxqs with its queues kept in SQLite under `dataDir`: each change is written before it
 * is answered, so what was sent survives kill -9, and what was in flight comes back when its
 * visibility timeout has passed.
 *
 * @param options.origin where it will be listening, e.g. `http://127.0.0.1:9324`
 */
export async function buildPersistentSqs(options: {
  dataDir: string;
  origin: string;
  region: string;
}): Promise<SqsApp> {
  const [sqs, sns, s3, persistence] = await Promise.all([
    loadInternal<{ SqsStore: new () => SqsStore }>('./sqs/sqsStore.js'),
    loadInternal<{ SnsStore: new () => Stores['snsStore'] }>('./sns/snsStore.js'),
    loadInternal<{ S3Store: new () => Stores['s3Store'] }>('./s3/s3Store.js'),
    loadInternal<{ PersistenceManager: new (directory: string) => Persistence }>(
      './persistence.js',
    ),
  ]);
  const stores = {
    sqsStore: new sqs.SqsStore(),
    snsStore: new sns.SnsStore(),
    s3Store: new s3.S3Store(),
  };
  const store = stores.sqsStore;
  store.region = options.region;
  // Queues are stored with their URL, but the port may be another one today.
  const createQueue = store.createQueue.bind(store);
  store.createQueue = (name, _url, ...rest) =>
    createQueue(name, `${options.origin}/${ACCOUNT_ID}/${name}`, ...rest);
  const files = new persistence.PersistenceManager(options.dataDir);
  // In this order, as fauxqs does it: writing back what is being read would delete the messages.
  files.loadSqsAndSns(store, stores.snsStore);
  store.persistence = files;
  for (const queue of store.allQueues()) queue.persistence = files;
  return {
    app: buildApp({ logger: false, defaultRegion: options.region, stores }),
    store,
    closeStore: () => files.close(),
  };
}
