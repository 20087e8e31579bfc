import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError, parseConfig, secret, variable, type Environment, type Variables } from './config.js';
import { baseVariables, natsVariables, postgresVariables, redisVariables, schemas } from './variables.js';

const canary = 'canary-hunter2';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function refusal(variables: Variables, environment: Environment): ConfigError {
  try {
    parseConfig(variables, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('it was accepted');
}

describe('the configuration', () => {
  it('gives defaults, numbers and lists, and cannot be changed', () => {
    const config = parseConfig(baseVariables, {
      PORT: '3001',
      ALLOWED_ORIGINS: 'https://a.example, https://b.example',
    });
    expect(config).toMatchObject({
      port: 3001,
      host: '127.0.0.1',
      logLevel: 'info',
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every bad variable at once and never a value', () => {
    const variables = { ...baseVariables, ...postgresVariables, ...natsVariables, ...redisVariables };
    const error = refusal(variables, {
      PORT: canary,
      DATABASE_URL: `mysql://${canary}`,
      LOG_LEVEL: canary,
      REDIS_URL: 'redis://127.0.0.1',
    });
    expect(error.variables).toEqual(['PORT', 'LOG_LEVEL', 'DATABASE_URL', 'NATS_URL']);
    expect(`${error.message}${error.stack}`).not.toContain(canary);
  });

  it('treats an empty value as none', () => {
    expect(parseConfig(baseVariables, { PORT: '0', HOST: '' }).host).toBe('127.0.0.1');
    expect(refusal(baseVariables, { PORT: '' }).variables).toEqual(['PORT']);
  });

  it.each(['1', 'proxy.example', '10.0.0.0/33'])('refuses %s as the proxies to believe', (given) => {
    expect(refusal(baseVariables, { PORT: '0', TRUSTED_PROXIES: given }).variables).toEqual([
      'TRUSTED_PROXIES',
    ]);
  });

  it.each(['-1', '65536', '1e3', ' 80', '0x50', '3.5'])('refuses the port %s', (port) => {
    expect(refusal(baseVariables, { PORT: port }).variables).toEqual(['PORT']);
  });
});

describe('a secret', () => {
  const variables = { token: secret('TOKEN', z.string().min(8)) };

  it('is read from a file, without the newline that editors add', () => {
    const file = path.join(folder, 'token');
    writeFileSync(file, 'from-a-file\n');
    expect(parseConfig(variables, { TOKEN_FILE: file }).token).toBe('from-a-file');
    expect(parseConfig(variables, { TOKEN_FILE: file, TOKEN: 'from-variable' }).token).toBe('from-variable');
  });

  it('names the file variable when the file is missing, empty or wrong', () => {
    const short = path.join(folder, 'short');
    writeFileSync(short, 'abc');
    const empty = path.join(folder, 'empty');
    writeFileSync(empty, '\n');
    for (const file of [path.join(folder, 'none'), short, empty])
      expect(refusal(variables, { TOKEN_FILE: file }).variables).toEqual(['TOKEN_FILE']);
    expect(refusal(variables, {}).variables).toEqual(['TOKEN']);
  });

  it('is not looked for in a file when the variable is plain', () => {
    const plain = { token: variable('TOKEN', z.string()) };
    expect(refusal(plain, { TOKEN_FILE: '/dev/null' }).variables).toEqual(['TOKEN']);
  });
});

it('services build their own variables from the same parts', () => {
  const variables = {
    retries: variable('RETRIES', schemas.withDefault(schemas.integer({ min: 0, max: 5 }), 2)),
  };
  expect(parseConfig(variables, {}).retries).toBe(2);
  expect(parseConfig(variables, { RETRIES: '5' }).retries).toBe(5);
});
