/** Values that cannot work are refused before anything is installed, by a message that names them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { helmProgram } from '@cipherchat/test-kit';
import { chartFolder, render, scenarioFile } from './chart.js';

const helm = await helmProgram({ major: 3, say: () => {} });

async function refusal(scenario: string, values: readonly string[]): Promise<string> {
  const answer = await render({
    helm,
    arguments: [`--values=${scenarioFile(scenario)}`, ...values.map((value) => `--set=${value}`)],
  });
  return answer.kind === 'refused' ? answer.message : 'it was rendered';
}

/** What two values together say, in our own words; the line of the message that is to be there. */
const together: readonly {
  readonly scenario: string;
  readonly values: readonly string[];
  readonly says: string;
}[] = [
  { scenario: 'small', values: ['publicUrl='], says: 'publicUrl is empty:' },
  {
    scenario: 'small',
    values: ['gatewayApi.enabled=true'],
    says: 'ingress.enabled and gatewayApi.enabled exclude each other:',
  },
  { scenario: 'gke', values: ['gatewayApi.socketHost='], says: 'gatewayApi.socketHost is empty:' },
  {
    scenario: 'gke',
    values: ['gatewayApi.socketHost=chat.example.org'],
    says: 'gatewayApi.socketHost is that of publicUrl:',
  },
  {
    scenario: 'gke',
    values: ['gatewayApi.gateway.className='],
    says: 'gatewayApi.gateway.className is empty:',
  },
  { scenario: 'gke', values: ['gatewayApi.gateway.create=false'], says: 'gatewayApi.gateway.name is empty:' },
  {
    scenario: 'small',
    values: ['web.service.type=LoadBalancer'],
    says: 'web.service.type is LoadBalancer, but',
  },
  {
    scenario: 'evaluation',
    values: ['web.service.nodePort=30443'],
    says: 'web.service.nodePort is set, but',
  },
  { scenario: 'small', values: ['tls.from=secret'], says: 'tls.existingSecret is empty:' },
  {
    scenario: 'small',
    values: ['tls.existingSecret=mine'],
    says: 'tls.existingSecret is set, but tls.from is certManager.',
  },
  {
    scenario: 'small',
    values: ['tls.certManager.issuerName='],
    says: 'tls.certManager.issuerName is empty:',
  },
  {
    scenario: 'evaluation',
    values: ['drain.socketsSeconds=20'],
    says: 'drain.socketsSeconds must be less than drain.requestsSeconds:',
  },
  {
    scenario: 'production',
    values: ['clients.invite.existingSecret='],
    says: 'clients.invite.existingSecret is empty, but probe.enabled',
  },
  {
    scenario: 'evaluation',
    values: ['registration=invite', 'k6.enabled=true'],
    says: 'clients.invite.existingSecret is empty, but k6.enabled',
  },
  {
    scenario: 'production',
    values: ['auth.autoscaling.maxReplicas=2'],
    says: 'auth.autoscaling.minReplicas is above its maxReplicas.',
  },
  {
    scenario: 'small',
    values: ['gateway.disruptionBudget.maxUnavailable=2'],
    says: 'gateway.disruptionBudget.maxUnavailable lets all 2 pods go at once.',
  },
  {
    scenario: 'small',
    values: ['gateway.autoscaling.sockets.by=adapter'],
    says: 'gateway.autoscaling.sockets.by is adapter, but',
  },
  {
    scenario: 'production',
    values: ['gateway.autoscaling.sockets.prometheus='],
    says: 'gateway.autoscaling.sockets.prometheus is empty:',
  },
  {
    scenario: 'small',
    values: ['gateway.maxSockets=8000'],
    says: 'gateway.autoscaling.sockets.perPod must be less than gateway.maxSockets:',
  },
  {
    scenario: 'evaluation',
    values: ['postgres.bundled.persistence.kind=hostPath'],
    says: 'postgres.bundled.persistence.hostPath is empty:',
  },
  ...['owner', 'auth', 'keyDirectory', 'messageStore'].flatMap((user) => [
    {
      scenario: 'small',
      values: [`postgres.external.${user}.existingSecret=`],
      says: `postgres.external.${user}.existingSecret is empty:`,
    },
    {
      scenario: 'evaluation',
      values: [`postgres.external.${user}.existingSecret=mine`],
      says: `postgres.external.${user}.existingSecret is set, but postgres.bundled.enabled is too:`,
    },
  ]),
  ...['auth', 'keyDirectory', 'messageStore', 'gateway'].flatMap((user) => [
    {
      scenario: 'small',
      values: [`nats.external.${user}.existingSecret=`],
      says: `nats.external.${user}.existingSecret is empty:`,
    },
    {
      scenario: 'evaluation',
      values: [`nats.external.${user}.existingSecret=mine`],
      says: `nats.external.${user}.existingSecret is set, but nats.bundled.enabled is too:`,
    },
  ]),
  {
    scenario: 'small',
    values: ['redis.external.existingSecret='],
    says: 'redis.external.existingSecret is empty:',
  },
  {
    scenario: 'evaluation',
    values: ['redis.external.existingSecret=mine'],
    says: 'redis.external.existingSecret is set, but redis.bundled.enabled is too:',
  },
];

/** What the schema refuses; Helm says where. */
const alone: readonly { readonly value: string; readonly at: string }[] = [
  { value: 'registration=everybody', at: '/registration' },
  { value: 'publicUrl=http://chat.example.org', at: '/publicUrl' },
  { value: 'publicUrl=https://chat.example.org/', at: '/publicUrl' },
  { value: 'images.tag=latest', at: '/images/tag' },
  { value: 'postgres.bundled.image=postgres:latest', at: '/postgres/bundled/image' },
  { value: 'postgres.bundled.image=postgres', at: '/postgres/bundled/image' },
  { value: 'auth.digest=sha256:short', at: '/auth/digest' },
  { value: 'auth.replicas=0', at: '/auth/replicas' },
  { value: 'auth.logLevel=loud', at: '/auth/logLevel' },
  { value: 'gateway.resources.limits=null', at: '/gateway/resources' },
  { value: 'gateway.resources.limits.memory=null', at: '/gateway/resources/limits' },
  { value: 'gateway.environment.lower=x', at: "invalid propertyName 'lower'" },
  { value: 'messageStore.retentionDays=0', at: '/messageStore/retentionDays' },
  { value: 'trustedProxies[0]=10.0.0.1', at: '/trustedProxies/0' },
  { value: 'k6.scenario=everything', at: '/k6/scenario' },
  { value: 'traces.ratio=2', at: '/traces/ratio' },
  { value: 'networkPolicy.edge[0].podSelektor.matchLabels.a=b', at: '/networkPolicy/edge/0' },
  { value: 'gateway.maxSocket=1', at: '/gateway' },
  { value: 'gatway.replicas=3', at: "additional properties 'gatway' not allowed" },
];

describe('values that exclude or need each other', () => {
  it.each(together)('$scenario with $values: $says', async ({ scenario, values, says }) => {
    const lines = (await refusal(scenario, values)).split('\n');
    expect(lines.filter((line) => line.startsWith(says))).toHaveLength(1);
  });

  it('are all named at once', async () => {
    const said = await refusal('small', [
      'publicUrl=',
      'tls.certManager.issuerName=',
      'redis.external.existingSecret=',
    ]);
    for (const name of ['publicUrl', 'tls.certManager.issuerName', 'redis.external.existingSecret'])
      expect(said).toContain(`\n${name} is empty`);
  });

  it('are as many as the chart looks for', () => {
    // One that no test shows would be one that may never fire.
    const template = readFileSync(`${chartFolder}/templates/_validate.tpl`, 'utf8');
    const looked = [...template.matchAll(/^- "(.+)"$/gm)].map(([, text = '']) =>
      text.replaceAll(/\{\{.*?\}\}/g, '*'),
    );
    for (const text of looked) {
      const [begin = ''] = text.split(/[:,]| is longer/);
      const pattern = new RegExp(`^${begin.replaceAll(/[.[\]()]/g, '\\$&').replaceAll('*', '.+')}`);
      expect([
        text,
        [...together.map(({ says }) => says), tooLong].some((says) => pattern.test(says)),
      ]).toEqual([text, true]);
    }
    expect(looked.length).toBeGreaterThan(20);
  });
});

const tooLong = 'fullnameOverride: a-release-with-a-name-of-its-own-cipherchat is longer';

describe('values that are wrong by themselves', () => {
  it.each(alone)('$value, at $at', async ({ value, at }) => {
    const said = await refusal('evaluation', [value]);
    expect(said).toContain("values don't meet the specifications of the schema");
    expect(said).toContain(at.startsWith('/') ? `at '${at}'` : at);
  });
});

describe('a release', () => {
  it('whose name leaves no room for those of pods is refused', async () => {
    const answer = await render({
      helm,
      name: 'a-release-with-a-name-of-its-own',
      arguments: [`--values=${scenarioFile('evaluation')}`],
    });
    expect(answer.kind === 'refused' ? answer.message : '').toContain(tooLong);
  });
});
