/** Kubernetes: whether pods run, are ready, and have what they need. From kube-state-metrics and the kubelet's cAdvisor. */
import { dashboard } from '../dashboard.js';
import { lines } from '../panels.js';

const here = 'namespace=~"$namespace"';
const containers = `${here}, container!="", container!="POD"`;

export const kubernetes = dashboard({
  uid: 'cipherchat-kubernetes',
  title: 'CipherChat: Kubernetes',
  answers: 'Do the pods run, and do they have the memory and CPU that they need?',
  namespacesOf: 'kube_deployment_status_replicas',
  rows: [
    {
      title: 'Pods',
      panels: [
        lines({
          title: 'Replicas that are missing',
          means: 'Wanted and not ready, by deployment. During a rollout for a moment.',
          unit: 'none',
          width: 8,
          steps: [{ from: 1, colour: 'red' }],
          queries: [
            {
              expr: `sum by (deployment) (kube_deployment_spec_replicas{${here}}) - sum by (deployment) (kube_deployment_status_replicas_ready{${here}})`,
              legend: '{{deployment}}',
            },
          ],
        }),
        lines({
          title: 'Restarts',
          means:
            'Of containers, within 15 minutes. Again and again: it cannot start, or is killed for its memory.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `sum by (pod) (increase(kube_pod_container_status_restarts_total{${here}}[15m]))`,
              legend: '{{pod}}',
            },
          ],
        }),
        lines({
          title: 'Pods that wait',
          means: 'Not yet running: no node has room, or the image cannot be had.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `sum by (phase) (kube_pod_status_phase{${here}, phase=~"Pending|Failed|Unknown"})`,
              legend: '{{phase}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'What they use',
      panels: [
        lines({
          title: 'Memory, as a share of the limit',
          means:
            'At 1 the container is killed, and its sockets with it. Above 0.9 for ten minutes makes a ticket.',
          unit: 'percentunit',
          width: 8,
          steps: [{ from: 0.9, colour: 'red' }],
          queries: [
            {
              expr: `max by (pod, container) (container_memory_working_set_bytes{${containers}}) / max by (pod, container) (kube_pod_container_resource_limits{${here}, resource="memory"})`,
              legend: '{{pod}} {{container}}',
            },
          ],
        }),
        lines({
          title: 'CPU',
          means: 'Cores in use, by pod.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `sum by (pod) (rate(container_cpu_usage_seconds_total{${containers}}[$__rate_interval]))`,
              legend: '{{pod}}',
            },
          ],
        }),
        lines({
          title: 'CPU held back by a limit',
          means: 'Share of periods in which a container wanted more than it may have. Messages wait as long.',
          unit: 'percentunit',
          width: 8,
          steps: [{ from: 0.25, colour: 'orange' }],
          queries: [
            {
              expr: `sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{${containers}}[$__rate_interval])) / sum by (pod) (rate(container_cpu_cfs_periods_total{${containers}}[$__rate_interval]) > 0) or sum by (pod) (0 * rate(container_cpu_cfs_periods_total{${containers}}[$__rate_interval]))`,
              legend: '{{pod}}',
            },
          ],
        }),
        lines({
          title: 'Network',
          means: 'Received and sent, by pod.',
          unit: 'Bps',
          width: 12,
          queries: [
            {
              expr: `sum by (pod) (rate(container_network_receive_bytes_total{${here}}[$__rate_interval]))`,
              legend: 'in, {{pod}}',
            },
            {
              expr: `sum by (pod) (rate(container_network_transmit_bytes_total{${here}}[$__rate_interval]))`,
              legend: 'out, {{pod}}',
            },
          ],
        }),
        lines({
          title: 'Volumes in use',
          means: 'Share of each volume that is full. Postgres stops when its own is.',
          unit: 'percentunit',
          width: 12,
          max: 1,
          steps: [{ from: 0.85, colour: 'red' }],
          queries: [
            {
              expr: `max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${here}}) / max by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${here}})`,
              legend: '{{persistentvolumeclaim}}',
            },
          ],
        }),
      ],
    },
  ],
});
