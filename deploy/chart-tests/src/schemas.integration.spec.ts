/** Every object is one that every supported version of Kubernetes, and each extension, knows and takes. Nothing without a schema passes. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { kubeconformProgram } from '@cipherchat/test-kit';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { chartFolder, kubernetesVersions } from './chart.js';
import { checkManifests } from './kubeconform.js';
import { everyScenario } from './scenarios.fixture.js';
import { writeSchemas } from './schemas/schema-folder.js';

let kubeconform: string;
beforeAll(async () => {
  await writeSchemas(() => {});
  kubeconform = await kubeconformProgram(() => {});
});

describe.each(kubernetesVersions)('Kubernetes %s', (kubernetes) => {
  it.each(everyScenario)('takes $name', async ({ file, objects }) => {
    expect(await checkManifests({ kubeconform, file, kubernetes })).toEqual({
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
