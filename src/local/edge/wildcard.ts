/**
 * Compiles a CloudFront pattern: `*` is any run of characters, none included, `?` exactly one;
 * everything else is literal and case counts. Used for path patterns (AWS "Cache behavior settings",
 * Path pattern) and for the resource of a custom policy.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}
