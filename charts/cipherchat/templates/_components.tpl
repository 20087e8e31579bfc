{{/*
A component is `(dict "root" $ "name" "key-directory" "values" .Values.keyDirectory)`: its name in Kubernetes, and its own settings.
Every file of its folder begins with that, and hands it to one of the definitions of these files.
*/}}

{{/* A Deployment of one of the services on Node. `environment` and `secrets` are YAML of what only this one has. */}}
{{- define "cipherchat.serviceDeployment" -}}
{{- $root := .root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
spec:
  {{- include "cipherchat.replicas" . | nindent 2 }}
  revisionHistoryLimit: 5
  {{- include "cipherchat.rollout" . | nindent 2 }}
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
      {{- include "cipherchat.ending" . | nindent 6 }}
      containers:
        - name: {{ .name }}
          image: {{ include "cipherchat.image" (dict "root" $root "image" .name "digest" .values.digest) }}
          imagePullPolicy: {{ $root.Values.images.pullPolicy }}
          {{- include "cipherchat.containerSecurity" . | nindent 10 }}
          ports:
            - { name: http, containerPort: 3000 }
          env:
            - { name: SERVICE_INSTANCE, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            {{- range $name, $value := include "cipherchat.serviceEnvironment" . | fromYaml }}
            - { name: {{ $name }}, value: {{ $value | quote }} }
            {{- end }}
          {{- include "cipherchat.serviceProbes" . | nindent 10 }}
          {{- include "cipherchat.beforeEnding" . | nindent 10 }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - { name: secrets, mountPath: {{ include "cipherchat.secretsFolder" . }}, readOnly: true }
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: secrets
          projected:
            defaultMode: 0440
            sources:
              {{- include "cipherchat.secretSources" . | nindent 14 }}
              {{- with $root.Values.storeAuthority }}
              {{- if .existingSecret }}
              - secret: { name: {{ .existingSecret }}, items: [{ key: {{ .key }}, path: store-authority.crt }] }
              {{- end }}
              {{- end }}
        - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- end -}}

{{/*
What scales a deployment says how many; then an upgrade says as many as there are. Nothing at all would be one, for a moment: on the
upgrade that begins to scale, all but one of the pods would end.
*/}}
{{- define "cipherchat.replicas" -}}
{{- if not .values.autoscaling.enabled -}}
replicas: {{ .values.replicas }}
{{- else -}}
{{- with (lookup "apps/v1" "Deployment" .root.Release.Namespace (include "cipherchat.componentName" .)).spec -}}
replicas: {{ .replicas }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* None of the old ends before one of the new is ready. */}}
{{- define "cipherchat.rollout" -}}
minReadySeconds: 2
progressDeadlineSeconds: 600
strategy:
  type: RollingUpdate
  rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
{{- end -}}

{{/* Ready: also what it stands on. Live: the process alone, since restarting it would not heal a database. */}}
{{- define "cipherchat.serviceProbes" -}}
startupProbe:
  httpGet: { path: /healthz/live, port: http }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
readinessProbe:
  httpGet: { path: /healthz/ready, port: http }
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /healthz/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{/* What libs/service-kit, variables.ts, and the service's config.ts name. `secrets` come as files. */}}
{{- define "cipherchat.serviceEnvironment" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
NODE_ENV: production
HOST: 0.0.0.0
PORT: "3000"
LOG_LEVEL: {{ .values.logLevel }}
DRAIN_TIMEOUT_MS: {{ mul $values.drain.requestsSeconds 1000 | toString | quote }}
TRUSTED_PROXIES: {{ join "," $values.trustedProxies | quote }}
{{- with $values.traces.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ $values.traces.ratio | toString | quote }}
{{- end }}
{{- range .secrets }}
{{ .variable }}_FILE: {{ include "cipherchat.secretsFolder" $ }}/{{ .file }}
{{- if eq .store "postgres" }}
# At the first installation everything starts at once, migrations too.
DATABASE_SCHEMA_WAIT_MS: "60000"
{{- end }}
{{- end }}
{{- if $values.storeAuthority.existingSecret }}
NODE_EXTRA_CA_CERTS: {{ include "cipherchat.secretsFolder" $ }}/store-authority.crt
{{- end }}
{{- with .environment }}
{{ toYaml . }}
{{- end }}
{{- with .values.environment }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "cipherchat.service" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "cipherchat.selectorLabels" . | nindent 4 }}
  ports:
    - { name: http, port: 3000, targetPort: http, appProtocol: http }
{{- end -}}

{{- define "cipherchat.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{- define "cipherchat.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.disruptionBudget.maxUnavailable }}
  # One that is broken anyway may always go.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "cipherchat.selectorLabels" . | nindent 6 }}
{{- end -}}

{{- define "cipherchat.jwksUrl" -}}
http://{{ include "cipherchat.fullname" . }}-auth:3000/v1/auth/jwks.json
{{- end -}}
