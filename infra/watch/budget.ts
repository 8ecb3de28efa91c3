import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';

/**
 * Tells by e-mail when CloudFront's bill of the month nears its amount, is going to pass it, and has
 * passed it. It counts the whole account: by tag it would count nothing until the tags are activated.
 */
export function addBudget(scope: Construct, { name, watch }: Settings): void {
  const subscribers = watch.emails.map((address) => ({ subscriptionType: 'EMAIL', address }));
  const tell = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: {
      notificationType,
      comparisonOperator: 'GREATER_THAN',
      threshold,
      thresholdType: 'PERCENTAGE',
    },
    subscribers,
  });
  new CfnBudget(scope, 'CloudFrontBudget', {
    budget: {
      budgetName: `${name}-cloudfront`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: watch.cloudFrontBudgetUsd, unit: 'USD' },
      costFilters: { Service: ['Amazon CloudFront'] },
    },
    notificationsWithSubscribers: [
      tell('ACTUAL', 80),
      tell('FORECASTED', 100),
      tell('ACTUAL', 100),
    ],
  });
}
