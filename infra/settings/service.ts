import { z } from 'zod';
import { LOG_DAYS } from './media.ts';
import {
  arn,
  cidr,
  count,
  imageReference,
  matching,
  oneOf,
  resourceId,
  secretArn,
} from './values.ts';

/** MiB of memory that Fargate offers, by CPU units (1024 are one virtual CPU). */
const FARGATE_MEMORY: Readonly<Record<number, readonly [from: number, to: number, step: number]>> =
  {
    512: [1024, 4096, 1024],
    1024: [2048, 8192, 1024],
    2048: [4096, 16_384, 1024],
    4096: [8192, 30_720, 1024],
  };

const size = {
  cpu: oneOf(256, 512, 1024, 2048, 4096),
  memoryMiB: count(512, 30_720),
  minTasks: count(1, 100),
  maxTasks: count(1, 1000),
};

interface Size {
  cpu: number;
  memoryMiB: number;
  minTasks: number;
  maxTasks: number;
}

function fits({ cpu, memoryMiB }: Size): boolean {
  if (cpu === 256) return [512, 1024, 2048].includes(memoryMiB);
  const [from, to, step] = FARGATE_MEMORY[cpu] ?? [0, 0, 1];
  return memoryMiB >= from && memoryMiB <= to && memoryMiB % step === 0;
}

function checked<Fields extends z.ZodType<Size>>(fields: Fields) {
  return fields
    .refine(fits, { path: ['memoryMiB'], error: 'is no size that Fargate has for this cpu' })
    .refine(({ minTasks, maxTasks }) => minTasks <= maxTasks, {
      path: ['maxTasks'],
      error: 'must not be below minTasks',
    });
}

/** What a container is told beyond what the stacks know; they win where both name a variable. */
const environment = z.record(
  matching(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable'),
  z.string({ error: 'must be text' }),
);

export const api = checked(
  z.strictObject({
    ...size,
    cpu: size.cpu.default(512),
    memoryMiB: size.memoryMiB.default(1024),
    minTasks: size.minTasks.default(2),
    maxTasks: size.maxTasks.default(10),
    cpuTargetPercent: count(10, 90).default(60),
    environment: environment.default({}),
  }),
);

export const worker = checked(
  z.strictObject({
    ...size,
    cpu: size.cpu.default(1024),
    // Ten files of 10 MB decoded at once take up to 768 MB.
    memoryMiB: size.memoryMiB
      .min(1024, { error: 'must be 1024 or more: decoding takes that' })
      .default(2048),
    minTasks: size.minTasks.default(1),
    maxTasks: size.maxTasks.default(10),
    /** Messages waiting for each running task that are still fine. */
    backlogPerTask: count(1, 100_000).default(100),
    /** The queue's own timeout is twice this. */
    visibilityTimeoutSeconds: count(15, 21_600).default(60),
    /** Beginnings of keys that a format audit may change, such as `uploads/wishlist/`. */
    auditPrefixes: z
      .array(
        matching(
          /^(?!ingest\/|thumbnails\/)[\w!.'()/-]+\/$/,
          'must end with a slash, and be neither ingest/ nor thumbnails/',
        ),
      )
      .default([]),
    environment: environment.default({}),
  }),
);

const newNetwork = z.strictObject({
  cidr: cidr().default('10.20.0.0/16'),
  natGateways: count(1, 2).default(1),
  /** AWS services by private addresses rather than through the NAT gateway. */
  interfaceEndpoints: z.boolean({ error: 'must be true or false' }).default(false),
});

const subnets = (what: string) =>
  z
    .array(resourceId('subnet'), { error: `must list ${what}` })
    .min(2, { error: `must list ${what}, in two zones or more` });

const existingNetwork = z
  .strictObject({
    vpcId: resourceId('vpc'),
    availabilityZones: z.array(matching(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'must be a zone')).min(2),
    /** For the tasks and the database, with a way out (NAT gateway or endpoints). */
    privateSubnetIds: subnets('the private subnets'),
    /** For a load balancer that faces the internet; one to three a zone. */
    publicSubnetIds: subnets('the public subnets').optional(),
  })
  .refine(
    ({ availabilityZones: zones, privateSubnetIds, publicSubnetIds = [] }) =>
      privateSubnetIds.length % zones.length === 0 && publicSubnetIds.length % zones.length === 0,
    { path: ['availabilityZones'], error: 'must be as many as there are subnets, in their order' },
  );

const newDatabase = z
  .strictObject({
    version: oneOf('16', '17').default('17'),
    instanceType: matching(
      /^[a-z0-9-]+\.[a-z0-9]+$/,
      'must be an instance type such as t4g.medium',
    ).default('t4g.medium'),
    storageGiB: count(20, 65_536).default(20),
    maxStorageGiB: count(20, 65_536).default(200),
    multiAz: z.boolean({ error: 'must be true or false' }).default(true),
    backupDays: count(1, 35).default(14),
  })
  // RDS refuses room to grow of less than a tenth.
  .refine(({ storageGiB, maxStorageGiB }) => maxStorageGiB * 10 >= storageGiB * 11, {
    path: ['maxStorageGiB'],
    error: 'must be at least a tenth above storageGiB',
  });

const existingDatabase = z.strictObject({
  /** The URL as text, or JSON as RDS keeps it. */
  secretArn: secretArn(),
  securityGroupId: resourceId('sg'),
  port: count(1, 65_535).default(5432),
});

export const service = z
  .strictObject({
    image: imageReference(),
    cpuArchitecture: oneOf('X86_64', 'ARM64').default('X86_64'),
    /** The load balancer's, in the region of the stacks. */
    certificateArn: arn(
      'acm',
      'certificate/[0-9a-f-]+',
      'arn:aws:acm:eu-central-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab',
    ),
    /** False: it is reached from within the network, by the gateway that knows the callers. */
    internetFacing: z.boolean({ error: 'must be true or false' }).default(false),
    /** Who may connect to the load balancer. Default: anybody if it faces the internet, else the VPC. */
    allowedCidrs: z.array(cidr()).min(1).optional(),
    /** Of a Prometheus that may scrape the tasks; without it nobody reaches the metrics. */
    prometheusSecurityGroupId: resourceId('sg').optional(),
    shutdownTimeoutSeconds: count(1, 110).default(25),
    logDays: oneOf(...LOG_DAYS).default(90),
    api: api.prefault({}),
    worker: worker.prefault({}),
    /** Further secrets, for both roles: variable name to the ARN of its secret. */
    secrets: z
      .record(matching(/^[A-Z][A-Z0-9_]*$/, 'must be the name of a variable'), secretArn())
      .default({}),
    network: z.union([newNetwork, existingNetwork]).prefault({}),
    database: z.union([newDatabase, existingDatabase]).prefault({}),
    /** How connections to the database are encrypted; only `verify-full` knows whom it talks to. */
    databaseTls: oneOf('verify-full', 'no-verify', 'disable').default('verify-full'),
  })
  .refine(
    ({ internetFacing, network }) =>
      !internetFacing || !('vpcId' in network) || network.publicSubnetIds !== undefined,
    { path: ['network', 'publicSubnetIds'], error: 'is needed with internetFacing' },
  )
  .refine(
    ({ allowedCidrs, internetFacing, network }) =>
      allowedCidrs !== undefined || internetFacing || !('vpcId' in network),
    { path: ['allowedCidrs'], error: 'is needed for an internal load balancer in a VPC of yours' },
  );
