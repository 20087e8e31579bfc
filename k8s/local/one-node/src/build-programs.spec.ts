import { describe, expect, it } from '@jest/globals';
import { moduleOnKubernetes } from './build-programs.js';

describe('a module that builds on Kubernetes', () => {
  const upstream = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	github.com/spf13/cobra v1.9.1
	k8s.io/api v0.0.0
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/kube-proxy => ./staging/src/k8s.io/kube-proxy
)
`;

  it('takes its staged modules as they were published with it', () => {
    expect(moduleOnKubernetes(upstream, '1.34.4')).toBe(`module one-node/kubernetes
go 1.24.0
godebug default=go1.24
require k8s.io/kubernetes v1.34.4
replace k8s.io/api => k8s.io/api v0.34.4
replace k8s.io/kube-proxy => k8s.io/kube-proxy v0.34.4
`);
  });
});
