const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Finished markup, told apart from text so that nothing is escaped twice or not at all. */
export interface Xml {
  readonly xml: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

// Control characters cannot stand in XML 1.0; S3 writes them as numeric references all the same.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const SPECIAL = /[&<>"\u0000-\u001f\u007f]/g;

export function escapeXml(text: string): string {
  return text.replace(SPECIAL, (c) => ENTITIES[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

export function element(name: string, content: string | number | boolean | readonly Xml[]): Xml {
  const inner = Array.isArray(content)
    ? content.map((child: Xml) => child.xml).join('')
    : escapeXml(String(content));
  return { xml: `<${name}>${inner}</${name}>` };
}

export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}`;
}

/** A document whose root is in S3's namespace, as every result (but no error) is. */
export function resultDocument(name: string, content: string | readonly Xml[]): string {
  const { xml } = element(name, content);
  return xmlDocument({ xml: xml.replace(`<${name}>`, `<${name} xmlns="${NAMESPACE}">`) });
}
