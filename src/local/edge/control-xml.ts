import { element, type Xml, xmlDocument } from '../s3/xml.ts';
import { childrenOf, parseXml, textOf } from '../s3/xml-body.ts';
import { ControlError } from './control-errors.ts';
import type { Invalidation, InvalidationBatch } from './invalidations.ts';

const NAMESPACE = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

/**
 * Reads the body of CreateInvalidation.
 *
 * @throws ControlError `MissingBody`, `MalformedInput`, `InconsistentQuantities`
 */
export function readInvalidationBatch(body: string): InvalidationBatch {
  if (body === '') throw new ControlError('MissingBody', 'This operation requires a body.');
  let root: ReturnType<typeof parseXml>;
  try {
    root = parseXml(body, 'InvalidationBatch');
  } catch {
    throw new ControlError('MalformedInput', 'The request body is no InvalidationBatch.');
  }
  const [paths = ''] = childrenOf(root, 'Paths');
  const [items = ''] = childrenOf(paths, 'Items');
  const texts = childrenOf(items, 'Path').map((path) => (typeof path === 'string' ? path : ''));
  if (textOf(paths, 'Quantity') !== String(texts.length)) {
    throw new ControlError(
      'InconsistentQuantities',
      'The value of Quantity and the size of Items do not match.',
    );
  }
  return { paths: texts, callerReference: textOf(root, 'CallerReference') ?? '' };
}

export function invalidationBody(invalidation: Invalidation): string {
  const { id, createdAt, paths, callerReference } = invalidation;
  return documentOf('Invalidation', [
    element('Id', id),
    element('Status', 'Completed'),
    element('CreateTime', createdAt.toISOString()),
    element('InvalidationBatch', [
      element('Paths', [
        element('Quantity', paths.length),
        element(
          'Items',
          paths.map((path) => element('Path', path)),
        ),
      ]),
      element('CallerReference', callerReference),
    ]),
  ]);
}

export function controlErrorBody({ code, message }: ControlError, requestId: string): string {
  return documentOf('ErrorResponse', [
    element('Error', [
      element('Type', code === 'InternalFailure' ? 'Receiver' : 'Sender'),
      element('Code', code),
      element('Message', message),
    ]),
    element('RequestId', requestId),
  ]);
}

function documentOf(name: string, content: readonly Xml[]): string {
  const { xml } = element(name, content);
  return xmlDocument({ xml: xml.replace(`<${name}>`, `<${name} xmlns="${NAMESPACE}">`) });
}
