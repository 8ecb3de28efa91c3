import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeInput, makeSettings, PUBLIC_KEY, type Stacks, synthesise } from './synthesise.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'infra-app-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Run {
  status: number;
  output: string;
}

/** What `npm run infra:synth` runs, with nothing in its environment that could lead to an account. */
function run(outdir: string, settings: string[], validation = 'false'): Promise<Run> {
  const env = { PATH: '', HOME: directory, CDK_OUTDIR: outdir, CDK_VALIDATION: validation };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['infra/app.ts', ...settings],
      { env },
      (_error, stdout, stderr) => {
        resolve({ status: child.exitCode ?? -1, output: `${stdout}${stderr}` });
      },
    );
  });
}

describe('the app', () => {
  test('writes templates that pass CloudFormation’s own rules, from the example as it is', async () => {
    const outdir = join(directory, 'example');
    // Neither docker nor the AWS tools are in an empty PATH.
    const { status, output } = await run(outdir, [], 'true');
    expect(output).toMatch(/settings\.example\.json: media-media, .*media-watch in /);
    expect(status).toBe(0);
    expect(readdirSync(outdir).filter((name) => name.endsWith('.template.json'))).toHaveLength(4);
    // Strict: a single warning would have failed it.
    const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
    expect(report.pluginReports).toEqual([]);
  });

  test('says what is wrong with its settings, without a stack trace, and writes nothing', async () => {
    const file = join(directory, 'bad.json');
    writeFileSync(file, JSON.stringify(makeInput({ cdn: { priceClass: 1 } })));
    const outdir = join(directory, 'bad');
    expect(await run(outdir, [file])).toEqual({
      status: 1,
      output: `${file} is not usable:\n  cdn.priceClass must be one of 100, 200, all\n`,
    });
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  test.each([
    ['missing.json', undefined, 'cannot be read'],
    ['broken.json', '{', 'is no JSON'],
  ])('%s', async (name, content, problem) => {
    const file = join(directory, name);
    if (content !== undefined) writeFileSync(file, content);
    expect(await run(join(directory, 'none'), [file])).toEqual({
      status: 1,
      output: `${file} is not usable:\n  ${problem}\n`,
    });
  });

  test('finds the public key beside the settings', async () => {
    const file = join(directory, 'team.json');
    writeFileSync(file, JSON.stringify(makeInput({ cdn: { publicKeyFiles: ['team.pem'] } })));
    const { output } = await run(join(directory, 'none'), [file]);
    expect(output).toContain('cdn.publicKeyFiles: team.pem cannot be read');

    writeFileSync(join(directory, 'team.pem'), PUBLIC_KEY);
    expect(await run(join(directory, 'team'), [file])).toMatchObject({ status: 0 });
  });
});

describe('the templates', () => {
  let stacks: Stacks;

  beforeAll(() => {
    stacks = synthesise();
  });

  test('are the same again for the same settings', () => {
    const again = synthesise();
    expect(again.every.map((template) => template.toJSON())).toEqual(
      stacks.every.map((template) => template.toJSON()),
    );
  });

  test('need nothing from an account: no look-up, no image to build', () => {
    expect(stacks.manifest.missing ?? []).toEqual([]);
    expect(JSON.stringify(stacks.manifest)).not.toContain('dockerImages":{"');
  });

  test('have their tags on everything that can be tagged and has a bill', () => {
    const tagged = synthesise(
      makeSettings({ name: 'pictures', tags: { team: 'media', environment: 'staging' } } as never),
    );
    const billed =
      /^AWS::(S3::Bucket|SQS::Queue|CloudFront::Distribution|RDS::DBInstance|ECS::(Service|Cluster|TaskDefinition)|ElasticLoadBalancingV2::(LoadBalancer|TargetGroup)|EC2::(NatGateway|VPC|EIP)|Logs::LogGroup|KMS::Key|SecretsManager::Secret|SNS::Topic|CloudWatch::Alarm)$/;
    for (const template of tagged.every) {
      for (const { Type, Properties } of Object.values(template.toJSON().Resources) as {
        Type: string;
        Properties?: { Tags?: { Key: string; Value: string }[] };
      }[]) {
        if (!billed.test(Type)) continue;
        const tags = Object.fromEntries(
          (Properties?.Tags ?? []).map(({ Key, Value }) => [Key, Value]),
        );
        expect({ Type, ...tags }).toMatchObject({
          Type,
          application: 'pictures',
          environment: 'staging',
          team: 'media',
        });
      }
    }
    tagged.service.allResourcesProperties('AWS::ECS::Service', { PropagateTags: 'SERVICE' });
  });
});
