{{/* Stores that come with the chart, for evaluation: one process each, upstream's image, no replica and no backup. */}}

{{- define "cipherchat.bundledMetadata" -}}
{{- include "cipherchat.metadata" . }}
annotations:
  cipherchat/for: evaluation only
{{- end -}}

{{/* `port` with `name`: headless, since there is one pod behind it. */}}
{{- define "cipherchat.bundledService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "cipherchat.bundledMetadata" . | nindent 2 }}
spec:
  clusterIP: None
  selector:
    {{- include "cipherchat.selectorLabels" . | nindent 4 }}
  ports:
    - { name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }} }
{{- end -}}

{{/* The StatefulSet but for its containers and volumes. `user`: whom the image's data belong to. */}}
{{- define "cipherchat.bundledHead" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "cipherchat.bundledMetadata" . | nindent 2 }}
spec:
  replicas: 1
  serviceName: {{ include "cipherchat.componentName" . }}
  selector:
    matchLabels:
      {{- include "cipherchat.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- include "cipherchat.podMetadata" . | nindent 6 }}
    spec:
      serviceAccountName: {{ include "cipherchat.componentName" . }}
      {{- include "cipherchat.podSecurity" . | nindent 6 }}
      {{- include "cipherchat.placement" . | nindent 6 }}
      terminationGracePeriodSeconds: 60
{{- end -}}

{{- define "cipherchat.bundledContainer" -}}
name: {{ .name }}
image: {{ .values.image }}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
{{ include "cipherchat.containerSecurity" . }}
ports:
  - { name: {{ .name }}, containerPort: {{ .port }} }
{{- range $probe := list "startupProbe" "readinessProbe" "livenessProbe" }}
{{ $probe }}:
  {{- $.probe | nindent 2 }}
  periodSeconds: {{ ternary 1 10 (eq $probe "startupProbe") }}
  timeoutSeconds: 5
  failureThreshold: {{ ternary 120 3 (eq $probe "startupProbe") }}
{{- end }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
{{- end -}}
