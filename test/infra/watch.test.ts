import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { type Json, makeSettings, only, plain, type Stacks, synthesise } from './synthesise.ts';

let watch: Template;
let edgeWatch: Template;

beforeAll(() => {
  ({ watch, edgeWatch } = synthesise());
});

function alarm(template: Template, id: string): Json {
  const [found] = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(
    ([name]) => name.startsWith(id),
  );
  if (!found) throw new Error(`no alarm ${id}`);
  return found[1].Properties;
}

/** The names of the metrics that an alarm looks at, whichever way they are written. */
function metricsOf({ MetricName, Metrics }: Json): string[] {
  if (typeof MetricName === 'string') return [MetricName];
  return (Metrics as { MetricStat?: { Metric: { MetricName: string } } }[]).flatMap(
    ({ MetricStat }) => MetricStat?.Metric.MetricName ?? [],
  );
}

describe('alarms', () => {
  test.each([
    ['DeadLetters', ['ApproximateNumberOfMessagesVisible'], 0],
    ['OldestMessage', ['ApproximateAgeOfOldestMessage'], 300],
    ['ApiServerErrors', ['HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count', 'RequestCount'], 1],
    ['ApiUnhealthy', ['UnHealthyHostCount'], 0],
  ])('%s', (id, metrics, threshold) => {
    expect(metricsOf(alarm(watch, id))).toEqual(metrics);
    expect(alarm(watch, id)).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  test.each([
    ['CdnServerErrors', ['5xxErrorRate'], 1],
    ['OriginErrors', ['502ErrorRate', '503ErrorRate', '504ErrorRate'], 1],
    ['OriginLatency', ['OriginLatency'], 1000],
  ])('%s, where CloudFront publishes', (id, metrics, threshold) => {
    expect(metricsOf(alarm(edgeWatch, id))).toEqual(metrics);
    expect(alarm(edgeWatch, id)).toMatchObject({
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 3,
    });
  });

  test('dead letters are those of the dead-letter queue, the age that of the other', () => {
    const queue = (id: string) =>
      plain(
        JSON.parse(JSON.stringify(alarm(watch, id).Metrics))[0].MetricStat.Metric.Dimensions[0]
          .Value,
      );
    expect(queue('DeadLetters')).toMatch(/DeadLetters/);
    expect(queue('OldestMessage')).toMatch(/MediaEvents/);
  });

  test('tell somebody, over an encrypted topic on which alarms may publish', () => {
    for (const template of [watch, edgeWatch]) {
      const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
      template.allResourcesProperties('AWS::CloudWatch::Alarm', {
        AlarmActions: [{ Ref: topic }],
        OKActions: [{ Ref: topic }],
      });
      template.hasResourceProperties('AWS::SNS::Topic', {
        KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TopicKey'), 'Arn'] },
      });
      template.hasResourceProperties('AWS::SNS::Subscription', {
        Protocol: 'email',
        Endpoint: 'on-call@example.com',
      });
      const may = (Action: unknown) =>
        Match.objectLike({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action,
        });
      template.hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: { Statement: Match.arrayWith([may('sns:Publish')]) },
      });
      template.hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: { Statement: Match.arrayWith([may(['kms:Decrypt', 'kms:GenerateDataKey*'])]) },
      });
    }
  });

  test('have parameters', () => {
    const changed = synthesise(
      makeSettings({
        watch: { oldestMessageSeconds: 900, serverErrorPercent: 0.5, originLatencyMs: 250 },
      }),
    );
    expect(alarm(changed.watch, 'OldestMessage').Threshold).toBe(900);
    expect(alarm(changed.watch, 'ApiServerErrors').Threshold).toBe(0.5);
    expect(alarm(changed.edgeWatch, 'OriginLatency').Threshold).toBe(250);
  });
});

describe('the budget', () => {
  test('tells by e-mail that CloudFront costs 50 USD a month, or is going to', () => {
    edgeWatch.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetType: 'COST',
        TimeUnit: 'MONTHLY',
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        CostFilters: { Service: ['Amazon CloudFront'] },
      },
    });
    const { NotificationsWithSubscribers: told } = only(edgeWatch, 'AWS::Budgets::Budget');
    const notifications = told as { Notification: Json; Subscribers: Json[] }[];
    expect(
      notifications.map(({ Notification: { NotificationType, Threshold } }) => [
        NotificationType,
        Threshold,
      ]),
    ).toEqual([
      ['ACTUAL', 80],
      ['FORECASTED', 100],
      ['ACTUAL', 100],
    ]);
    for (const { Subscribers } of notifications) {
      expect(Subscribers).toEqual([{ SubscriptionType: 'EMAIL', Address: 'on-call@example.com' }]);
    }
  });

  test('has its amount and addresses as parameters', () => {
    const changed = synthesise(
      makeSettings({
        watch: { cloudFrontBudgetUsd: 120, emails: ['a@example.com', 'b@example.com'] },
      }),
    ).edgeWatch;
    const { Budget, NotificationsWithSubscribers } = only(changed, 'AWS::Budgets::Budget');
    expect(Budget).toMatchObject({ BudgetLimit: { Amount: 120 } });
    expect(JSON.stringify(NotificationsWithSubscribers)).toContain('"Address":"b@example.com"');
  });
});

describe('the dashboard', () => {
  test('shows the hit ratio, from where CloudFront publishes it', () => {
    const body = plain(only(watch, 'AWS::CloudWatch::Dashboard').DashboardBody);
    expect(body).toMatch(
      /"CacheHitRate","DistributionId","[^"]+","Region","Global",\{[^}]*"region":"us-east-1"/,
    );
  });

  test('shows what became of the ingest URLs that were asked for', () => {
    const body = plain(only(watch, 'AWS::CloudWatch::Dashboard').DashboardBody);
    for (const name of ['IngestUrlsCreated', 'ImagesReady', 'ImagesFailed']) {
      expect(body).toContain(`["media/ingest","${name}"`);
    }
  });

  test.each([
    ['IngestUrlsCreated', 'ApiLogs', '{ $.msg = "ingest.url_created" }'],
    ['ImagesReady', 'WorkerLogs', '{ ($.msg = "image.status_changed") && ($.to = "ready") }'],
    ['ImagesFailed', 'WorkerLogs', '{ ($.msg = "image.status_changed") && ($.to = "failed") }'],
  ])('%s is counted from the log events', (MetricName, logs, FilterPattern) => {
    watch.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern,
      LogGroupName: { 'Fn::ImportValue': Match.stringLikeRegexp(logs) },
      MetricTransformations: [
        { MetricName, MetricNamespace: 'media/ingest', MetricValue: '1', DefaultValue: 0 },
      ],
    });
  });
});

describe('a region other than us-east-1', () => {
  let elsewhere: Stacks;

  beforeAll(() => {
    elsewhere = synthesise(makeSettings({ region: 'eu-central-1' }));
  });

  test('has the alarms and the budget of the CDN in us-east-1, everything else there', () => {
    const { artifacts } = elsewhere.manifest;
    const environment = (name: string) => (artifacts[name] as Json | undefined)?.environment;
    expect(environment('media-edge-watch')).toBe('aws://unknown-account/us-east-1');
    for (const name of ['media-media', 'media-service', 'media-watch']) {
      expect(environment(name)).toBe('aws://unknown-account/eu-central-1');
    }
    elsewhere.edgeWatch.resourceCountIs('Custom::CrossRegionExportReader', 1);
  });

  test('and us-east-1 itself needs no function to carry the id of the distribution', () => {
    for (const template of [watch, edgeWatch]) template.resourceCountIs('AWS::Lambda::Function', 0);
  });
});
