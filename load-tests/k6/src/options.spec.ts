import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';
import { scenarioNames } from './scenarios/all.js';

describe('the arguments of a load test', () => {
  it('name scenarios, in full unless short is said', () => {
    expect(readOptions(['steady-chat'])).toEqual({
      scenarios: ['steady-chat'],
      size: { kind: 'full', minutes: undefined },
      target: undefined,
      waitMs: 0,
      runFile: undefined,
    });
    expect(readOptions(['steady-chat', '--short']).size).toEqual({ kind: 'short' });
  });

  it('mean every scenario by all', () => {
    expect(readOptions(['all', '--short']).scenarios).toEqual(scenarioNames);
  });

  it('take a target', () => {
    expect(readOptions(['steady-chat', '--target', 'https://chat.example.org']).target).toBe(
      'https://chat.example.org',
    );
    expect(readOptions(['steady-chat', '--wait', '60']).waitMs).toBe(60_000);
  });

  it.each([
    [[]],
    [['no-such-thing']],
    [['steady-chat', '--fast']],
    [['steady-chat', '--minutes', '5']],
    [['steady-chat', '--wait', 'long']],
  ])('are refused as %p, with what there is', (args) => {
    expect(() => readOptions(args)).toThrow(/Scenarios: steady-chat/);
  });
});
