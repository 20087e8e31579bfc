/** Every object is one that every supported version of Kubernetes, and each extension, knows and takes. Nothing without a schema passes. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { kubeconformProgram, run } from '@cipherchat/test-kit';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { chartFolder, kubernetesVersions } from './chart.js';
import { everyScenario } from './scenarios.fixture.js';
import { schemaLocations, writeSchemas } from './schemas/schema-folder.js';

type Report = {
  readonly resources:
    | readonly {
        readonly kind: string;
        readonly name: string;
        readonly status: string;
        readonly msg: string;
      }[]
    | null;
  readonly summary: Readonly<Record<'valid' | 'invalid' | 'errors' | 'skipped', number>>;
};

let kubeconform: string;
beforeAll(async () => {
  await writeSchemas(() => {});
  kubeconform = await kubeconformProgram(() => {});
});

async function check(file: string, kubernetes: string): Promise<Report> {
  const { stdout, stderr } = await run({
    program: kubeconform,
    args: [
      '-strict',
      '-summary',
      '-output=json',
      ...schemaLocations(kubernetes).flatMap((at) => ['-schema-location', at]),
      file,
    ],
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

describe.each(kubernetesVersions)('Kubernetes %s', (kubernetes) => {
  it.each(everyScenario)('takes $name', async ({ file, objects }) => {
    expect(await check(file, kubernetes)).toEqual({
      resources: [],
      summary: { valid: objects.length, invalid: 0, errors: 0, skipped: 0 },
    });
  });
});

describe('the versions', () => {
  it('begin with the oldest that the chart lets itself be installed on', () => {
    const { kubeVersion } = parse(readFileSync(path.join(chartFolder, 'Chart.yaml'), 'utf8')) as {
      readonly kubeVersion: string;
    };
    const [oldest = ''] = kubernetesVersions;
    expect(kubeVersion).toBe(`>=${oldest.replace(/\.\d+$/, '')}.0-0`);
  });
});
