import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { makeEcKey, makeRsaKey } from '../support/keys.ts';
import { type Changes, makeSettings, PUBLIC_KEY } from './synthesise.ts';

function problemsOf(changes: Changes, keys: Record<string, string> = {}): string[] {
  try {
    makeSettings(changes, keys);
    return [];
  } catch (error) {
    const [first, ...problems] = (error as { message: string }).message.split('\n');
    expect(first).toBe('settings.json is not usable:');
    return problems.map((line) => line.trim());
  }
}

const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab';
const network = {
  vpcId: 'vpc-0a1b2c3d',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  privateSubnetIds: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'],
};

test('what is required is enough', () => {
  const settings = makeSettings();
  expect(settings).toMatchObject({
    name: 'media',
    cdn: { priceClass: 100 },
    watch: { cloudFrontBudgetUsd: 50, oldestMessageSeconds: 300 },
    service: {
      internetFacing: false,
      network: { natGateways: 1 },
      database: { version: '17', multiAz: true },
      worker: { memoryMiB: 2048 },
    },
  });
});

describe('a bad setting is named, with what it must be', () => {
  test.each<[Changes, string]>([
    [{ region: 'Frankfurt' }, 'region must be the name of an AWS region such as eu-central-1'],
    [
      { region: undefined } as never,
      'region must be the name of an AWS region such as eu-central-1',
    ],
    [{ name: 'Media' }, 'name must be 2 to 20 lower-case letters, digits and hyphens'],
    [{ nmae: 'media' }, 'nmae is no setting'],
    [{ media: { pageOrigins: [] } }, 'media.pageOrigins must list at least one origin'],
    [
      { media: { pageOrigins: ['https://www.example.com/'] } },
      'media.pageOrigins.0 must be * or an origin such as https://www.example.com',
    ],
    [
      { media: { noncurrentVersionDays: 14 } },
      'media.noncurrentVersionDays must be a whole number from 15 to 3650',
    ],
    [{ cdn: { priceClass: 300 } }, 'cdn.priceClass must be one of 100, 200, all'],
    [
      { cdn: { domainNames: ['media.example.com'] } },
      'cdn.certificateArn is needed with domainNames, and only with them',
    ],
    [{ watch: { emails: ['nobody'] } }, 'watch.emails.0 must be an e-mail address'],
    [
      { watch: { cloudFrontBudgetUsd: 0 } },
      'watch.cloudFrontBudgetUsd must be a whole number from 1 to 1000000',
    ],
    [
      { service: { worker: { cpu: 256, memoryMiB: 512 } } },
      'service.worker.memoryMiB must be 1024 or more: decoding takes that',
    ],
    [
      { service: { api: { cpu: 1024, memoryMiB: 1024 } } },
      'service.api.memoryMiB is no size that Fargate has for this cpu',
    ],
    [
      { service: { worker: { minTasks: 3, maxTasks: 2 } } },
      'service.worker.maxTasks must not be below minTasks',
    ],
    [{ service: { api: { colour: 1 } } }, 'service.api.colour is no setting'],
    [{ service: { network: { natGatways: 2 } } }, 'service.network.natGatways is no setting'],
    [
      { service: { network: { ...network, vpcId: 'mine' }, allowedCidrs: ['10.0.0.0/8'] } },
      'service.network.vpcId must be an id such as vpc-0a1b2c3d4e5f60718',
    ],
    [
      { service: { network } },
      'service.allowedCidrs is needed for an internal load balancer in a VPC of yours',
    ],
    [
      { service: { network, internetFacing: true } },
      'service.network.publicSubnetIds is needed with internetFacing',
    ],
    [
      { service: { database: { storageGiB: 100, maxStorageGiB: 100 } } },
      'service.database.maxStorageGiB must be at least a tenth above storageGiB',
    ],
  ])('%j', (changes, problem) => {
    expect(problemsOf(changes)).toEqual([problem]);
  });

  test.each([
    { certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab' },
    { certificateArn: CERTIFICATE.replace('acm', 'iam') },
  ])('a certificate that CloudFront cannot use: %j', (certificate) => {
    const cdn = { ...certificate, domainNames: ['media.example.com'] };
    expect(problemsOf({ cdn })).toEqual([
      expect.stringMatching(/^cdn\.certificateArn must be an ARN in us-east-1 such as arn:/),
    ]);
  });

  test.each(['media-api', 'media-api:latest', 'media api:1', 'media-api@sha256:12'])(
    'an image that a roll-back would not find again: %s',
    (image) => {
      expect(problemsOf({ service: { image } })).toEqual([
        expect.stringMatching(
          /^service\.image must be an image with a tag \(not latest\) or digest/,
        ),
      ]);
    },
  );

  test('all problems at once', () => {
    expect(
      problemsOf({ region: '', media: { pageOrigins: [] }, watch: { emails: [] } }),
    ).toHaveLength(3);
  });
});

describe('public keys', () => {
  const check = (pem: string) =>
    problemsOf({ cdn: { publicKeyFiles: ['k.pem'] } }, { 'k.pem': pem });
  const publicPem = ({ publicKey }: { publicKey: ReturnType<typeof makeEcKey>['publicKey'] }) =>
    publicKey.export({ type: 'spki', format: 'pem' }).toString();

  test('ECDSA P-256 and RSA of 2048 bits are taken, with their line ends as they come', () => {
    expect(check(publicPem(makeEcKey()))).toEqual([]);
    expect(check(publicPem(makeRsaKey()))).toEqual([]);
    expect(check(`\n${PUBLIC_KEY.replaceAll('\n', '\r\n')}`)).toEqual([]);
  });

  test.each([
    ['P-384', () => publicPem(makeEcKey('P-384'))],
    ['RSA of 3072 bits', () => publicPem(makeRsaKey(3072))],
    ['Ed25519', () => publicPem(generateKeyPairSync('ed25519'))],
  ])('%s is not', (_name, pem) => {
    expect(check(pem())).toEqual([
      'cdn.publicKeyFiles: k.pem is neither ECDSA P-256 nor RSA of 2048 bits',
    ]);
  });

  test('a private key is refused and not repeated', () => {
    const { pem } = makeEcKey();
    const problems = check(pem);
    expect(problems).toEqual([
      'cdn.publicKeyFiles: k.pem is no public key in PEM ("-----BEGIN PUBLIC KEY-----")',
    ]);
  });

  test('a damaged file, a missing file, a key named twice', () => {
    expect(check(PUBLIC_KEY.replace('MFk', 'MFx'))).toEqual([
      'cdn.publicKeyFiles: k.pem is damaged: it cannot be read as a public key',
    ]);
    expect(problemsOf({ cdn: { publicKeyFiles: ['none.pem'] } })).toEqual([
      'cdn.publicKeyFiles: none.pem cannot be read',
    ]);
    expect(
      problemsOf({ cdn: { publicKeyFiles: ['key.pem', 'k.pem'] } }, { 'k.pem': PUBLIC_KEY }),
    ).toEqual(['cdn.publicKeyFiles: names the same key twice']);
  });
});
