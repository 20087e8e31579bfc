/** The dashboards as files: what a person needs to find their way, and what Grafana needs to show them. */
import { describe, expect, it } from '@jest/globals';
import { dashboards, filesIn, yamlOf } from './files.fixture.js';

const columns = 24;

describe.each(dashboards)('$title', ({ uid, panels }) => {
  it('has panels that say what they mean and overlap nowhere', () => {
    expect(uid).toMatch(/^cipherchat-[a-z-]+$/);
    const drawn = panels.filter(({ type }) => type !== 'row');
    expect(drawn.length).toBeGreaterThan(4);
    const cells = new Set<string>();
    for (const { title, description, gridPos, targets } of drawn) {
      expect({ title, says: (description ?? '').length > 20 }).toEqual({ title, says: true });
      expect(targets?.length).toBeGreaterThan(0);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(columns);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells).not.toContain(`${x} ${y}`);
          cells.add(`${x} ${y}`);
        }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(drawn.map(({ title }) => title)).size).toBe(drawn.length);
  });
});

describe('the first row of delivery', () => {
  it('fits a screen without scrolling, and begins with the answer', () => {
    const delivery = dashboards.find(({ uid }) => uid === 'cipherchat-delivery');
    const [first, ...rest] = (delivery?.panels ?? []).filter(({ type }) => type === 'stat');
    expect(first?.title).toBe('Messages arrive');
    expect(rest.map(({ gridPos }) => gridPos.y)).toEqual(rest.map(() => first?.gridPos.y));
  });
});

describe('the files beside', () => {
  type Compose = {
    readonly services: Readonly<
      Record<
        string,
        { readonly image: string; readonly volumes: readonly string[]; readonly command?: readonly string[] }
      >
    >;
    readonly volumes: Readonly<Record<string, unknown>>;
  };

  it('mount what is there, into where the settings look for it', () => {
    const { services, volumes } = yamlOf('grafana/compose.yaml') as Compose;
    const mounts = Object.values(services).flatMap((service) =>
      service.volumes.map((mount) => mount.split(':')),
    );
    for (const [source = ''] of mounts) {
      const [folder, name] = source.startsWith('../')
        ? source.slice(3).split('/')
        : ['grafana', source.slice(2)];
      if (source.startsWith('.')) expect(filesIn(folder ?? '')).toContain(name);
      else expect(Object.keys(volumes)).toContain(source);
    }
    const targets = mounts.map(([, target]) => target);
    const { providers } = yamlOf('grafana/provisioning/dashboards/cipherchat.yml') as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    for (const { options } of providers) expect(targets).toContain(options.path);
    const { rule_files: files } = yamlOf('prometheus/prometheus.yml') as {
      readonly rule_files: readonly string[];
    };
    for (const file of files) expect(targets).toContain(file.replace('/*.rules.yml', ''));
    for (const { image } of Object.values(services)) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it('keep figures for as long as the budget looks back', () => {
    const { services } = yamlOf('grafana/compose.yaml') as Compose;
    const [, days] = /retention\.time=(\d+)d/.exec(services['prometheus']?.command?.join(' ') ?? '') ?? [];
    expect(Number(days)).toBeGreaterThan(30);
  });
});
