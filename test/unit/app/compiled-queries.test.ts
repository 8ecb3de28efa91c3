import { ApolloServer } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { compiledQueries } from '../../../src/app/compiled-queries.ts';
import { createContext } from '../../../src/app/context.ts';
import type { RequestContext } from '../../../src/shared/request-context.ts';
import { captureLog } from '../../support/log.ts';

const COMPILE_AFTER = 2;

let calls = 0;
let failure: Error | null = null;

const schema = makeExecutableSchema({
  typeDefs: `
    interface Node { id: ID! }
    type Picture implements Node { id: ID!  size: Int  next: Picture  tags: [Tag!]! }
    type Album implements Node { id: ID!  name(upper: Boolean = false): String! }
    enum Tag { RED GREEN }
    input Filter { tag: Tag = RED }
    type Query {
      pictures(ids: [ID!]!): [Picture]!
      node(id: ID): Node
      tagged(filter: Filter): Tag
      text(of: String): String
    }
    type Mutation { change(id: ID!): Int! }`,
  resolvers: {
    Query: {
      async pictures(_parent: unknown, { ids }: { ids: string[] }) {
        calls += 1;
        if (failure) throw failure;
        return ids.map((id) => (id === '0' ? null : { id, size: id.length, tags: ['red'] }));
      },
      node: (_parent: unknown, { id }: { id?: string }) => (id ? { id, name: 'n' } : null),
      tagged: (_parent: unknown, { filter }: { filter?: { tag: string } }) => filter?.tag,
      text: (_parent: unknown, { of }: { of?: string }) => of,
    },
    Mutation: { change: () => (calls += 1) },
    Picture: { next: ({ id }: { id: string }) => Promise.resolve({ id: `${id}+`, tags: [] }) },
    Album: {
      name: ({ name }: { name: string }, { upper }: { upper: boolean }) =>
        upper ? name.toUpperCase() : name,
    },
    Node: { __resolveType: ({ id }: { id: string }) => (id === 'a' ? 'Album' : 'Picture') },
    Tag: { RED: 'red', GREEN: 'green' },
  },
});

let server: ApolloServer<RequestContext>;

beforeEach(() => {
  calls = 0;
  failure = null;
  const plugins = [compiledQueries(schema, { compileAfter: COMPILE_AFTER })];
  server = new ApolloServer<RequestContext>({
    schema,
    plugins,
    includeStacktraceInErrorResponses: false,
  });
});

async function ask(query: string, variables = {}, operationName?: string) {
  const unused = async () => [];
  const { logger } = captureLog();
  const deps = { logger, records: { findMany: unused }, wishlist: { findMany: unused } };
  const contextValue = createContext({ ...deps, signer: { sign: unused } }, 'request-1', null);
  const operation = { query, variables, ...(operationName && { operationName }) };
  const { body } = await server.executeOperation(operation, { contextValue });
  if (body.kind !== 'single') throw new Error('in parts');
  return body.singleResult;
}

/** GraphQL.js gives objects without a prototype; what was compiled gives literals. */
function isCompiled({ data }: { data?: object | null }): boolean {
  return data != null && Object.getPrototypeOf(data) === Object.prototype;
}

async function askOften(query: string, variables = {}, operationName?: string) {
  const answers = [];
  for (let use = 0; use <= COMPILE_AFTER; use += 1) {
    answers.push(await ask(query, variables, operationName));
  }
  return answers;
}

const PICTURES = 'query ($ids: [ID!]!) { pictures(ids: $ids) { id size } }';

describe('a query that comes often', () => {
  test('is compiled then, and not before', async () => {
    const answers = await askOften(PICTURES, { ids: ['1'] });
    expect(answers.map(isCompiled)).toEqual([false, false, true]);
    expect(calls).toBe(3);
  });

  test.each<[string, object]>([
    [PICTURES, { ids: ['1', '0', '22'] }],
    [
      'query ($ids: [ID!]!) { pictures(ids: $ids) { tags n: next { next { id } } id } }',
      { ids: [7] },
    ],
    [
      'query ($ids: [ID!]!) { pictures(ids: $ids) { ...P } } fragment P on Picture { id ... { size } }',
      { ids: 'x' },
    ],
    [
      'query ($id: ID) { a: node(id: $id) { __typename id ... on Album { name(upper: true) } } }',
      { id: 'a' },
    ],
    [
      'query ($id: ID) { node(id: $id) { id ... on Picture { id size next { id } } } }',
      { id: 'p' },
    ],
    ['query ($id: ID) { node(id: $id) { id } }', {}],
    [
      'query ($t: Tag) { a: tagged(filter: { tag: $t }) b: tagged(filter: { tag: GREEN }) c: tagged(filter: {}) }',
      { t: 'GREEN' },
    ],
    ['query ($f: Filter = { tag: GREEN }) { tagged(filter: $f) }', {}],
    ['query ($f: Filter = { tag: GREEN }) { tagged(filter: $f) }', { f: {} }],
    ['query ($f: Filter = { tag: GREEN }) { tagged(filter: $f) }', { f: null }],
    [
      'query ($text: String) { constructor: text(of: $text) toString: text }',
      { text: '"); process.exit(1); ("' },
    ],
  ])('gets the same answer: %s with %j', async (query, variables) => {
    const [interpreted, , compiled] = await askOften(query, variables);
    expect(compiled?.errors ?? interpreted?.errors).toBeUndefined();
    expect(isCompiled(compiled ?? {})).toBe(true);
    expect(JSON.stringify(compiled?.data)).toBe(JSON.stringify(interpreted?.data));
  });

  test('is told from another operation of the same document', async () => {
    const both = 'query A { text } query B { node { id } }';
    await askOften(both, {}, 'A');
    expect(isCompiled(await ask(both, {}, 'A'))).toBe(true);
    const [first, , compiled] = await askOften(both, {}, 'B');
    expect([isCompiled(first ?? {}), compiled?.data]).toEqual([false, { node: null }]);
  });
});

test.each([
  ['text of its own', '{ text(of: "x") }'],
  ['text in a block', '{ text(of: """x""") }'],
  ['a comment with a quote', '{ text # "\n}'],
  ['a name that means something to JavaScript', '{ __proto__: text }'],
  ['a name of the compiler’s own', '{ __context: text }'],
  ['a question about the schema', '{ __schema { queryType { name } } }'],
  ['a directive', 'query ($yes: Boolean = true) { text @include(if: $yes) }'],
  ['more than 4,000 characters', `{ text ${' '.repeat(4_000)} }`],
])('a query with %s is never compiled', async (_what, query) => {
  const answers = await askOften(query);
  expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
  expect(answers.map(isCompiled)).toEqual([false, false, false]);
});

test.each([
  ['refuses, once', () => null],
  [
    'has made a bad program of',
    () => () => {
      throw new Error('a fault of the compiler');
    },
  ],
])('a query that the compiler %s is answered by GraphQL.js', async (_what, result) => {
  const compile = jest.fn(result);
  const plugins = [compiledQueries(schema, { compileAfter: 0, compile })];
  server = new ApolloServer<RequestContext>({ schema, plugins });
  const answers = await askOften(PICTURES, { ids: ['1'] });
  expect(answers.map(isCompiled)).toEqual([false, false, false]);
  expect(answers[2]?.data).toMatchObject({ pictures: [{ id: '1', size: 1 }] });
  expect(compile).toHaveBeenCalledTimes(1);
});

test('a mutation is executed once each time', async () => {
  const answers = await askOften('mutation ($id: ID!) { change(id: $id) }', { id: '1' });
  expect(answers.map(({ data }) => data)).toEqual([{ change: 1 }, { change: 2 }, { change: 3 }]);
  expect(answers.map(isCompiled)).toEqual([false, false, false]);
});

describe('an error', () => {
  test('is told by GraphQL.js, as if nothing had been compiled', async () => {
    failure = new Error('no luck');
    const before = await ask(PICTURES, { ids: ['1'] });
    failure = null;
    await askOften(PICTURES, { ids: ['1'] });
    failure = new Error('no luck');
    calls = 0;
    const after = await ask(PICTURES, { ids: ['1'] });
    expect(after).toEqual(before);
    expect(after.errors).toMatchObject([{ message: 'no luck', path: ['pictures'] }]);
    expect(calls).toBe(2);
  });

  test('costs the second execution once, until the query has come often again', async () => {
    await askOften(PICTURES, { ids: ['1'] });
    failure = new Error('no luck');
    calls = 0;
    for (let times = 0; times < COMPILE_AFTER; times += 1) await ask(PICTURES, { ids: ['1'] });
    expect(calls).toBe(COMPILE_AFTER + 1);
    failure = null;
    const answers = [await ask(PICTURES, { ids: ['1'] }), await ask(PICTURES, { ids: ['1'] })];
    expect(answers.map(isCompiled)).toEqual([false, true]);
  });

  test.each([[{}], [{ ids: null }], [{ ids: [null] }], [{ ids: [{}] }]])(
    'of variables is the same too: %j',
    async (variables) => {
      const before = await ask(PICTURES, variables);
      await askOften(PICTURES, { ids: ['1'] });
      expect(isCompiled(await ask(PICTURES, { ids: ['1'] }))).toBe(true);
      expect(await ask(PICTURES, variables)).toEqual(before);
      expect(before.errors).toHaveLength(1);
    },
  );
});
