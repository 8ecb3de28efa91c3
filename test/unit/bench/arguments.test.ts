import { expect, test } from '@jest/globals';
import { listOf, parseBenchArguments, usageOf } from '../../../bench/kit/arguments.ts';
import type { Bench } from '../../../bench/kit/bench.ts';

const run: Bench['run'] = async () => ({ rows: [] });
const benches: Bench[] = [
  { name: 'sign', title: 'Signs', run },
  {
    ...{ name: 'list', title: 'Lists', run },
    settings: { rows: { initial: '10,20', meaning: 'how many' } },
  },
];
const parse = (...argv: string[]) => parseBenchArguments(argv, benches);
const namesOf = (...argv: string[]) => parse(...argv).benches.map(({ name }) => name);

test('all benches run unless some are named, and in the order of the list', () => {
  expect(namesOf()).toEqual(['sign', 'list']);
  expect(namesOf('list')).toEqual(['list']);
  expect(namesOf('list', 'sign', 'list')).toEqual(['sign', 'list']);
});

test('an unknown name is refused with those that there are', () => {
  expect(() => parse('sgin', 'list')).toThrow('no bench is called sgin; there are sign, list');
});

test('nothing is asked for unless it is', () => {
  expect(parse()).toMatchObject({
    ...{ rounds: undefined, json: undefined, from: [], settings: {} },
    ...{ writeDocs: false, strict: false, list: false, help: false },
  });
  const argv = ['--rounds', '3', '--json', 'a.json', '--write-docs', '--strict', '--rows', '5'];
  expect(parse(...argv)).toMatchObject({
    ...{ rounds: 3, json: 'a.json', writeDocs: true, strict: true, settings: { rows: '5' } },
  });
});

test.each([['0'], ['-1'], ['1.5'], ['1001'], ['many'], ['']])('rounds cannot be %p', (text) => {
  expect(() => parse(`--rounds=${text}`)).toThrow('--rounds takes a whole number from 1 to 1000');
});

test('an unknown option is refused, and a bench may have options of its own', () => {
  expect(() => parse('--fast')).toThrow(/--fast/);
  expect(() => parse('--rows')).toThrow(/--rows/);
  expect(parse('--rows', '1,2').settings).toEqual({ rows: '1,2' });
});

test('what was measured is read instead of measuring, from one file or several', () => {
  expect(parse('--from', 'a', '--from', 'b').from).toEqual(['a', 'b']);
  expect(() => parse('--from', 'a', 'sign')).toThrow(/neither names nor --rounds/);
  expect(() => parse('--from', 'a', '--rounds', '2')).toThrow(/neither names nor --rounds/);
});

test('the page is not written from a part of the benches', () => {
  expect(() => parse('sign', '--write-docs')).toThrow(/needs all benches/);
  expect(parse('--from', 'a', '--write-docs').writeDocs).toBe(true);
});

test('the list and the help name every bench and every option', () => {
  expect(listOf(benches)).toBe('sign  Signs\nlist  Lists\n');
  const usage = usageOf(benches);
  for (const option of ['--rounds N', '--json FILE', '--from FILE', '--write-docs', '--strict']) {
    expect(usage).toContain(option);
  }
  expect(usage).toContain('--rows VALUE        list: how many (default 10,20)');
});
