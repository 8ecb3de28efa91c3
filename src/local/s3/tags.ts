import { S3Error } from './errors.ts';
import type { Tags } from './object-version.ts';
import { parseQuery } from './target.ts';
import { element, type Xml } from './xml.ts';
import { childrenOf, parseXml, textOf } from './xml-body.ts';

/** AWS docs, "Categorizing your objects using tags". */
const MAX_TAGS = 10;
const MAX_KEY_CHARS = 128;
const MAX_VALUE_CHARS = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function assertTags(tags: Tags): Tags {
  if (tags.length > MAX_TAGS) {
    throw new S3Error('BadRequest', { message: 'Object tags cannot be greater than 10' });
  }
  for (const [key, value] of tags) {
    if (key === '' || [...key].length > MAX_KEY_CHARS || !ALLOWED.test(key)) {
      throw new S3Error('InvalidTag', { message: 'The TagKey you have provided is invalid' });
    }
    if ([...value].length > MAX_VALUE_CHARS || !ALLOWED.test(value)) {
      throw new S3Error('InvalidTag', { message: 'The TagValue you have provided is invalid' });
    }
  }
  if (new Set(tags.map(([key]) => key)).size !== tags.length) {
    throw new S3Error('InvalidTag', {
      message: 'Cannot provide multiple Tags with the same key',
    });
  }
  return tags;
}

/** Reads the header `x-amz-tagging`. @throws S3Error `InvalidTag`, `BadRequest`, ... */
export function parseTaggingHeader(value: string | undefined): Tags {
  return assertTags([...parseQuery(value ?? '')]);
}

/** Reads a `<Tagging>` document. @throws S3Error `MalformedXML`, `InvalidTag`, `BadRequest` */
export function parseTaggingXml(body: string): Tags {
  const set = childrenOf(parseXml(body, 'Tagging'), 'TagSet')[0];
  if (set === undefined) throw new S3Error('MalformedXML');
  return assertTags(
    childrenOf(set, 'Tag').map((tag) => {
      const key = textOf(tag, 'Key');
      const value = textOf(tag, 'Value');
      if (key === undefined || value === undefined) throw new S3Error('MalformedXML');
      return [key, value] as const;
    }),
  );
}

export function tagSet(tags: Tags): Xml {
  return element(
    'TagSet',
    tags.map(([key, value]) => element('Tag', [element('Key', key), element('Value', value)])),
  );
}
