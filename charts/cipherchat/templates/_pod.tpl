{{/* What all pods have in common: they run as nobody in particular, write nowhere, and stand apart from their like. */}}

{{- define "cipherchat.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user | default 10001 }}
  runAsGroup: {{ .user | default 10001 }}
  fsGroup: {{ .user | default 10001 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "cipherchat.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{- define "cipherchat.priorityClassName" -}}
{{- if .Values.pods.priorityClassName -}}
{{ .Values.pods.priorityClassName }}
{{- else if .Values.priorityClass.create -}}
{{ printf "%s-%s" .Release.Namespace (include "cipherchat.fullname" .) }}
{{- end -}}
{{- end -}}

{{/* Where it runs: over nodes and zones, as evenly as there is room for. */}}
{{- define "cipherchat.placement" -}}
{{- $pods := .root.Values.pods -}}
{{- with include "cipherchat.priorityClassName" .root }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "cipherchat.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- with merge (dict) (.values.nodeSelector | default dict) $pods.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat (.values.tolerations | default list) $pods.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pods.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* `more`: annotations that this kind of pod has by itself. */}}
{{- define "cipherchat.podMetadata" -}}
{{- with merge (dict) (.more | default dict) (.values.annotations | default dict) .root.Values.pods.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
labels:
  {{- include "cipherchat.labels" . | nindent 2 }}
  {{- with .root.Values.pods.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* New connections stop within `beforeSeconds`; then the program ends by itself within the rest. */}}
{{- define "cipherchat.ending" -}}
terminationGracePeriodSeconds: {{ add .root.Values.drain.beforeSeconds .root.Values.drain.requestsSeconds (include "cipherchat.exitGraceSeconds" .) 5 }}
{{- end -}}

{{/* `exitGraceMs` of libs/service-kit, service.ts: connections and hooks get this long after requests were cut. */}}
{{- define "cipherchat.exitGraceSeconds" -}}5{{- end -}}

{{- define "cipherchat.beforeEnding" -}}
lifecycle:
  preStop:
    sleep: { seconds: {{ .root.Values.drain.beforeSeconds }} }
{{- end -}}
