import { App, Tags } from 'aws-cdk-lib/core';
import { addMediaStack } from './media/media-stack.ts';
import { addServiceStack } from './service/service-stack.ts';
import type { Settings } from './settings/settings.ts';
import { CDN_REGION } from './watch/cdn-metrics.ts';
import { addEdgeWatchStack } from './watch/edge-watch-stack.ts';
import { addWatchStack } from './watch/watch-stack.ts';

/** The CDK's newer behaviours that these stacks count on; said here so that nothing else decides. */
const BEHAVIOURS = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:strictCfnValidateErrors': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};

/**
 * Everything, from the settings alone: nothing is looked up, so it needs neither network nor account.
 *
 * @param options.outdir where the templates go; default: where CDK_OUTDIR says, or a temporary directory
 * @param options.validated whether `synth` holds the templates against CloudFormation's schemas and rules,
 *   and throws at the least warning; that takes some seconds
 */
export function buildApp(
  settings: Settings,
  { outdir, validated = true }: { outdir?: string; validated?: boolean } = {},
): App {
  const app = new App({
    analyticsReporting: false,
    context: BEHAVIOURS,
    outdir,
    builtinCloudFormationValidation: validated,
  });
  // The id of the distribution has to get from its region to the one where its alarms are.
  const options = { crossRegionReferences: settings.region !== CDN_REGION };
  const media = addMediaStack(app, settings, options);
  const service = addServiceStack(app, settings, media);
  addWatchStack(app, settings, media, service);
  addEdgeWatchStack(app, settings, media, options);
  for (const [key, value] of Object.entries({ application: settings.name, ...settings.tags })) {
    Tags.of(app).add(key, value);
  }
  return app;
}
