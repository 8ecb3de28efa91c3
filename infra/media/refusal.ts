import {
  Function as CloudFrontFunction,
  type FunctionAssociation,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

/**
 * A distribution must have a default behaviour, and a behaviour an origin. This one answers before the
 * origin is asked. Requiring a signature instead would still let a signed URL through to any path,
 * and `/` is the listing of the bucket.
 */
export function refuseEverything(scope: Construct): FunctionAssociation {
  const refusal = new CloudFrontFunction(scope, 'Refusal', {
    comment: 'Answers 403 to every path without a behaviour of its own',
    runtime: FunctionRuntime.JS_2_0,
    code: FunctionCode.fromInline(
      "function handler() { return { statusCode: 403, statusDescription: 'Forbidden' }; }",
    ),
  });
  return { function: refusal, eventType: FunctionEventType.VIEWER_REQUEST };
}
