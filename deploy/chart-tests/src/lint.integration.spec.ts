/** What Helm itself says of the chart. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { helmProgram, run, temporaryFolder } from '@cipherchat/test-kit';
import { chartFolder, newestKubernetes, render, scenarioFile, scenarios } from './chart.js';
import { parseManifests } from './manifest.js';

const helm = await helmProgram({ major: 3, say: () => {} });

describe('helm', () => {
  it.each(scenarios)('has nothing to say about %s', async (scenario) => {
    const { status, stdout, stderr } = await run({
      program: helm,
      args: [
        'lint',
        '--strict',
        '--quiet',
        `--kube-version=${newestKubernetes}`,
        `--values=${scenarioFile(scenario)}`,
        chartFolder,
      ],
    });
    // It says which links it follows.
    const said = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line !== '' && !line.includes('symbolic link'));
    expect({ status, said }).toEqual({ status: 0, said: [] });
  });

  it('renders the same twice, but for secrets that it makes', async () => {
    const once = async () => {
      const answer = await render({ helm, arguments: [`--values=${scenarioFile('production')}`] });
      return answer.kind === 'rendered'
        ? parseManifests(answer.manifests).filter(({ kind }) => kind !== 'Secret')
        : answer;
    };
    const first = await once();
    expect(await once()).toEqual(first);
    expect(Array.isArray(first)).toBe(true);
  });

  it('packages what is linked as files of the chart', async () => {
    const folder = temporaryFolder('chart-package');
    try {
      const { status } = await run({
        program: helm,
        args: ['package', `--destination=${folder.path}`, chartFolder],
      });
      expect(status).toBe(0);
      const [archive = ''] = readdirSync(folder.path);
      const { stdout } = await run({ program: 'tar', args: ['-tzf', path.join(folder.path, archive)] });
      expect(stdout.split('\n')).toEqual(
        expect.arrayContaining(
          [
            'nginx/nginx.conf.template',
            'nats/permissions.json',
            'rules/delivery.rules.yml',
            'dashboards/delivery.json',
          ].map((file) => `cipherchat/files/${file}`),
        ),
      );
    } finally {
      folder.remove();
    }
  });
});
