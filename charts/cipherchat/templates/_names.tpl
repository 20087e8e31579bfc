{{/* What everything is called and labelled. Every helper below takes the root, or a `component`: see _components.tpl. */}}

{{- define "cipherchat.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}
{{- end -}}

{{- define "cipherchat.componentName" -}}
{{ include "cipherchat.fullname" .root }}-{{ .name }}
{{- end -}}

{{/* By which a pod is found for as long as it lives: nothing that an upgrade changes. */}}
{{- define "cipherchat.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "cipherchat.labels" -}}
{{ include "cipherchat.selectorLabels" . }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The start of every object: `(dict "root" $ "name" "auth")`. */}}
{{- define "cipherchat.metadata" -}}
name: {{ include "cipherchat.componentName" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "cipherchat.labels" . | nindent 2 }}
{{- end -}}

{{/* The image of one of our programs: `image` names it, `digest` may pin it. */}}
{{- define "cipherchat.image" -}}
{{- $images := .root.Values.images -}}
{{- $repository := printf "%s/%s" $images.prefix .image -}}
{{- if $images.registry -}}{{- $repository = printf "%s/%s" $images.registry $repository -}}{{- end -}}
{{- $repository -}}:{{- $images.tag | default .root.Chart.AppVersion -}}
{{- if .digest -}}@{{- .digest -}}{{- end -}}
{{- end -}}
