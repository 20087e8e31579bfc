/** Where the schemas are kept, for all checkouts of this user: made once from sources that Go has as modules. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { goModule, programCache, type Say } from '@cipherchat/test-kit';
import { parse } from 'yaml';
import { kubernetesVersions } from '../chart.js';
import { customSchemas, swaggerSchemas, type KindSchema } from './kind-schemas.js';

/** Kinds of others that the chart and k8s/ have: the module that defines them, and the files in it. */
const extensions = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: '0.85.0',
    files: ['servicemonitors', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    module: 'sigs.k8s.io/gateway-api',
    version: '1.6.1',
    files: ['gateways', 'httproutes'].map(
      (kind) => `config/crd/standard/gateway.networking.k8s.io_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/cert-manager/cert-manager',
    version: '1.21.2',
    files: ['certificates', 'clusterissuers'].map((kind) => `deploy/crds/cert-manager.io_${kind}.yaml`),
  },
  {
    module: 'github.com/kedacore/keda/v2',
    version: '2.21.0',
    files: ['config/crd/bases/keda.sh_scaledobjects.yaml'],
  },
  {
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    version: '1.30.0',
    files: ['clusters', 'scheduledbackups'].map((kind) => `config/crd/bases/postgresql.cnpg.io_${kind}.yaml`),
  },
  {
    module: 'github.com/cloudnative-pg/plugin-barman-cloud',
    version: '0.15.0',
    files: ['config/crd/bases/barmancloud.cnpg.io_objectstores.yaml'],
  },
  {
    module: 'github.com/external-secrets/external-secrets',
    version: '1.3.2',
    files: ['externalsecrets', 'clustersecretstores'].map(
      (kind) => `config/crds/bases/external-secrets.io_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/argoproj/argo-cd/v3',
    version: '3.5.7',
    files: ['manifests/crds/application-crd.yaml'],
  },
] as const;

/** Changes with how they are made: schemas that an earlier checkout made are not taken for these. */
const edition = 2;

const folder = path.join(programCache(), '..', `chart-schemas-${edition}`);

/** As kubeconform takes them: `{{.ResourceKind}}…` are its own names. */
export function schemaLocations(kubernetes: string): readonly string[] {
  return [`kubernetes-${kubernetes}`, extensionsName()].map((name) =>
    path.join(folder, name, '{{.ResourceKind}}{{.KindSuffix}}.json'),
  );
}

export async function writeSchemas(say: Say): Promise<void> {
  for (const version of kubernetesVersions)
    await writeOnce(`kubernetes-${version}`, say, async () => {
      const sources = await goModule({ module: 'k8s.io/kubernetes', version });
      const swagger = readFileSync(path.join(sources, 'api/openapi-spec/swagger.json'), 'utf8');
      return swaggerSchemas(JSON.parse(swagger) as Parameters<typeof swaggerSchemas>[0]);
    });
  await writeOnce(extensionsName(), say, async () => {
    const schemas: KindSchema[] = [];
    for (const { module, version, files } of extensions) {
      const sources = await goModule({ module, version });
      for (const file of files) {
        const definition = parse(readFileSync(path.join(sources, file), 'utf8')) as Parameters<
          typeof customSchemas
        >[0];
        schemas.push(...customSchemas(definition));
      }
    }
    return schemas;
  });
}

function extensionsName(): string {
  return `extensions-${extensions.map(({ version }) => version).join('-')}`;
}

async function writeOnce(name: string, say: Say, make: () => Promise<readonly KindSchema[]>): Promise<void> {
  const target = path.join(folder, name);
  if (existsSync(target)) return;
  say(`Making the schemas of ${name} (once; some seconds).`);
  const half = `${target}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  for (const { file, schema } of await make()) writeFileSync(path.join(half, file), JSON.stringify(schema));
  try {
    renameSync(half, target);
  } catch {
    // Another checkout was faster.
    rmSync(half, { recursive: true });
  }
}
