import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../infra/build-app.ts';
import { parseSettings } from '../../infra/settings/read-settings.ts';
import type { Settings } from '../../infra/settings/settings.ts';
import { makeEcKey } from '../support/keys.ts';

export type Json = Record<string, unknown>;

/** What a test changes in the settings, section by section. */
export interface Changes extends Json {
  region?: string;
  media?: Json;
  cdn?: Json;
  service?: Json;
  watch?: Json;
}

export const PUBLIC_KEY = publicKeyPem();

export function publicKeyPem(): string {
  return makeEcKey().publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** Settings with nothing but what is required, and the changes. */
export function makeInput({ media, cdn, service, watch, ...others }: Changes = {}): Json {
  return {
    region: 'us-east-1',
    ...others,
    media: { pageOrigins: ['https://www.example.com', 'https://m.example.com'], ...media },
    cdn: { publicKeyFiles: ['key.pem'], ...cdn },
    service: {
      image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/media-api:1.4.2',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab',
      ...service,
    },
    watch: { emails: ['on-call@example.com'], ...watch },
  };
}

export function makeSettings(changes?: Changes, keys: Json = {}): Settings {
  return parseSettings(makeInput(changes), 'settings.json', (name) => {
    const pem = keys[name] ?? (name === 'key.pem' ? PUBLIC_KEY : undefined);
    if (typeof pem !== 'string') throw new Error('no such file');
    return pem;
  });
}

export interface Stacks {
  media: Template;
  service: Template;
  watch: Template;
  edgeWatch: Template;
  /** All of them. */
  every: readonly Template[];
  /** What the CDK tells its command line. */
  manifest: { missing?: unknown[]; artifacts: Record<string, Json> };
}

/** The templates of these settings; nothing stays on disk. */
export function synthesise(settings: Settings = makeSettings()): Stacks {
  const outdir = mkdtempSync(join(tmpdir(), 'infra-'));
  try {
    const assembly = buildApp(settings, { outdir, validated: false }).synth();
    const template = (name: string) =>
      Template.fromJSON(assembly.getStackByName(`${settings.name}-${name}`).template);
    const media = template('media');
    const service = template('service');
    const watch = template('watch');
    const edgeWatch = template('edge-watch');
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
    return {
      media,
      service,
      watch,
      edgeWatch,
      every: [media, service, watch, edgeWatch],
      manifest,
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The properties of the one resource of its type. Throws when there are none or several. */
export function only(template: Template, type: string): Json {
  const found = Object.values(template.findResources(type));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type}`);
  return found[0]?.Properties as Json;
}

export interface Statement {
  Sid?: string;
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource: unknown;
  Condition?: Json;
}

/** Every policy statement of a template, whoever it belongs to, with the resource that holds it. */
export function statementsOf(template: Template): { owner: string; statement: Statement }[] {
  const found: { owner: string; statement: Statement }[] = [];
  for (const [owner, resource] of Object.entries(template.toJSON().Resources as Json)) {
    visit(resource, (statements) => {
      for (const statement of statements) found.push({ owner, statement });
    });
  }
  return found;
}

function visit(value: unknown, take: (statements: Statement[]) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Statement' && Array.isArray(inner)) take(inner);
    else visit(inner, take);
  }
}

export function list<Value>(value: Value | Value[]): Value[] {
  return Array.isArray(value) ? value : [value];
}

/** A value of a template as text: intrinsic functions shortened to what they name. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
    'Fn::ImportValue': imported,
  } = value as Json;
  if (typeof Ref === 'string') return `{${Ref}}`;
  if (Array.isArray(attribute)) return `{${attribute.join('.')}}`;
  if (typeof imported === 'string') return `{${imported.split(':').at(-1)}}`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(plain).join(String(join[0]));
  return JSON.stringify(value);
}
