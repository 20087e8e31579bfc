{{/* The job is `cipherchat`, `service` tells the components apart, and `instance` is the pod: what deploy/grafana's README asks of a scrape. */}}
{{- define "cipherchat.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
    {{- with .root.Values.monitoring.serviceMonitors.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "cipherchat.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: {{ .port | default "http" }}
      path: /metrics
      interval: {{ .root.Values.monitoring.serviceMonitors.interval }}
      # A service says its name itself; the label is for `up`, when it says nothing.
      honorLabels: true
      relabelings:
        - { targetLabel: job, replacement: cipherchat }
        - { targetLabel: service, replacement: {{ .name }} }
        - { targetLabel: instance, sourceLabels: [__meta_kubernetes_pod_name] }
{{- end -}}
