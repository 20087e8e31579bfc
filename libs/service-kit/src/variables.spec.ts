import { describe, expect, it } from '@jest/globals';
import { ConfigError, parseConfig } from './config.js';
import { baseVariables } from './variables.js';

const { tracesEndpoint, tracesRatio } = baseVariables;
const ratioOf = (text?: string): number =>
  parseConfig({ tracesRatio }, { OTEL_TRACES_SAMPLER_ARG: text }).tracesRatio;

describe('the part of requests that is recorded', () => {
  it.each([
    [undefined, 0.01],
    ['0', 0],
    ['0.005', 0.005],
    ['.5', 0.5],
    ['1', 1],
    ['1.0', 1],
  ])('may be %s', (text, ratio) => {
    expect(ratioOf(text)).toBe(ratio);
  });

  it.each(['2', '-1', '1.5', '50%', '1e-3', '0.', 'always_on'])(
    'is not %s, which stops the start',
    (text) => {
      expect(() => ratioOf(text)).toThrow(new ConfigError(['OTEL_TRACES_SAMPLER_ARG']));
    },
  );
});

it('a collector is an address, or there is none', () => {
  const endpointOf = (text?: string): string | undefined =>
    parseConfig({ tracesEndpoint }, { OTEL_EXPORTER_OTLP_ENDPOINT: text }).tracesEndpoint;
  expect(endpointOf('http://collector:4318')).toBe('http://collector:4318');
  expect(endpointOf('')).toBeUndefined();
  expect(() => endpointOf('collector:4318')).toThrow(ConfigError);
});
