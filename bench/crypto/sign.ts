import type { Bench, BenchResult } from '../kit/bench.ts';
import { measureRates } from '../kit/rates.ts';
import { compareRounds, tell } from '../kit/rows.ts';
import { BATCH, type KeyType } from './keys.ts';
import { measureOpensslSpeed } from './openssl-speed.ts';

const UNIT = 'URLs per CPU second';
const PROCESS = new URL('./sign-process.ts', import.meta.url);

/** Rounds are short, and the goals are close to 1. */
const ROUNDS = 15;

const ABOUT = {
  ecdsa: { name: 'sign-ecdsa', label: 'ECDSA P-256', goal: 0.85 },
  rsa: { name: 'sign-rsa', label: 'RSA-2048', goal: 0.9 },
} as const;

function makeSignBench(type: KeyType): Bench {
  const { name, label, goal } = ABOUT[type];
  return {
    name,
    title: `CDN URLs signed with ${label}, against the bare signatures of the same policies`,
    rounds: ROUNDS,
    async run(options): Promise<BenchResult> {
      const rates = await measureRates(
        PROCESS,
        {
          ours: [type, 'ours'],
          bare: [type, 'bare'],
          keyObject: [type, 'sdkWithKeyObject'],
          pemText: [type, 'sdkWithPemText'],
        },
        options,
      );
      const openssl = await measureOpensslSpeed(type, options.signal);
      const unit = UNIT;
      const limit = rates.bare;
      const rows = [
        compareRounds({
          what: `ours against bare crypto.sign`,
          unit,
          ours: rates.ours,
          limit,
          goal: { atLeast: goal },
        }),
        compareRounds({
          what: 'AWS SDK with a KeyObject',
          unit,
          ours: rates.keyObject,
          limit,
          goal: null,
        }),
        compareRounds({
          what: 'AWS SDK with PEM text',
          unit,
          ours: rates.pemText,
          limit,
          goal: null,
        }),
      ];
      if (openssl !== null) rows.push(tell('openssl speed on this machine', unit, openssl));
      return { rows, notes: [OURS[type], ...notesFor(openssl !== null)] };
    },
  };
}

const OURS = {
  ecdsa: `Ours is \`createCdnSigner(...).signNow(target)\` for ${BATCH} targets, as GraphQL calls it, from key and version to the finished URL.`,
  rsa: `Ours is \`createCdnSigner(...).sign(${BATCH} targets)\`, from key and version to the finished URL, with a turn of the event loop for everybody else before each.`,
};

function notesFor(hasOpenssl: boolean): string[] {
  return [
    `The limit is \`crypto.sign\` over the same ${BATCH} policies, made beforehand, with a KeyObject: no URL, no base64.`,
    'The lines of the AWS SDK are its `getSignedUrl` from `@aws-sdk/cloudfront-signer` in a loop, held against the same limit. It reads PEM text anew for each URL.',
    ...(hasOpenssl
      ? [
          "`openssl speed` is the machine's own program, of another version than the OpenSSL within Node; it counts in CPU time as well, and runs after the others, not between them.",
        ]
      : []),
  ];
}

export const signBenches: Bench[] = [makeSignBench('ecdsa'), makeSignBench('rsa')];
