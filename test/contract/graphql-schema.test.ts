import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { startTestApi, type TestApi } from '../support/api.ts';

describe('outside production', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ NODE_ENV: 'development' });
  });

  afterAll(() => api.close());

  test('introspection shows exactly schema.graphql, descriptions included', async () => {
    const { data } = await api.graphql<IntrospectionQuery>(
      getIntrospectionQuery({
        schemaDescription: true,
        specifiedByUrl: true,
        inputValueDeprecation: true,
      }),
    );
    const file = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    const print = (schema: ReturnType<typeof buildSchema>) =>
      printSchema(lexicographicSortSchema(schema));
    expect(print(buildClientSchema(data))).toBe(print(buildSchema(file)));
  });

  test('a mistyped field comes with a suggestion', async () => {
    const { errors } = await api.graphql('{ imag(id: "x") { id } }');
    expect(errors[0]?.message).toContain('Did you mean');
  });
});

describe('in production', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ NODE_ENV: 'production' });
  });

  afterAll(() => api.close());

  test.each([
    getIntrospectionQuery(),
    '{ __schema { types { name } } }',
    '{ __type(name: "Image") { name } }',
  ])('there is no introspection', async (query) => {
    const { status, data, errors } = await api.graphql(query);
    expect(status).toBe(400);
    expect(data).toBeUndefined();
    expect(errors[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  test('a mistyped field gives no name away', async () => {
    const { errors } = await api.graphql('{ imag(id: "x") { id } }');
    expect(errors[0]?.message).not.toContain('Did you mean');
  });

  test('__typename still works', async () => {
    expect((await api.graphql('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});

test('production is the default', async () => {
  const { loadApiConfig } = await import('../../src/shared/config.ts');
  const { apiEnvironment } = await import('../support/config.ts');
  expect(loadApiConfig(apiEnvironment({ NODE_ENV: undefined })).NODE_ENV).toBe('production');
});
