import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { S3Error } from './errors.ts';

/** An element of a parsed body: its text, or its children by name, each name a list. */
export type XmlNode = string | { readonly [name: string]: readonly XmlNode[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  // Object keys may begin and end with spaces.
  trimValues: false,
  // The SDKs write control characters in keys as numeric references.
  htmlEntities: true,
  removeNSPrefix: true,
  alwaysCreateTextNode: false,
  isArray: () => true,
});

function withoutWhitespaceText(value: unknown): XmlNode {
  if (typeof value !== 'object' || value === null) return String(value ?? '');
  const children: Record<string, XmlNode[]> = {};
  for (const [name, nodes] of Object.entries(value)) {
    if (name === '#text') continue;
    children[name] = (Array.isArray(nodes) ? nodes : [nodes]).map(withoutWhitespaceText);
  }
  return children;
}

/**
 * Parses a request body whose root must be `rootName`.
 * @throws S3Error `MalformedXML`
 */
export function parseXml(body: string, rootName: string): XmlNode {
  // No S3 body has a document type; refusing it closes the door on entity expansion.
  if (/<!DOCTYPE/i.test(body) || XMLValidator.validate(body) !== true) {
    throw new S3Error('MalformedXML');
  }
  let parsed: unknown;
  try {
    parsed = parser.parse(body);
  } catch {
    throw new S3Error('MalformedXML');
  }
  const root = childrenOf(withoutWhitespaceText(parsed), rootName)[0];
  if (root === undefined) throw new S3Error('MalformedXML');
  return root;
}

export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  return typeof node === 'string' ? [] : (node[name] ?? []);
}

/** The text of the first child of that name, undefined where there is none. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const child = childrenOf(node, name)[0];
  if (child === undefined) return undefined;
  return typeof child === 'string' ? child : '';
}
