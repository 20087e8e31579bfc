{{/*
Every connection that there is, in one table: from whom to whom, on which port. Each component's NetworkPolicy is made of its lines
here, at both ends; what has no line cannot connect. `edge`, `prometheus`, `public`, `traces` and stores of the operator's are outside.
*/}}
{{- define "cipherchat.edges" -}}
{{- $values := .Values -}}
{{- $direct := include "cipherchat.isDirect" . -}}
- { from: edge, to: web, port: 8080 }
{{- if $direct }}
# Nothing is in front that could tell the socket from the rest.
- { from: web, to: gateway, port: 3000 }
{{- else }}
- { from: edge, to: gateway, port: 3000 }
{{- end }}
{{- range $to := list "auth" "key-directory" "message-store" }}
- { from: web, to: {{ $to }}, port: 3000 }
{{- end }}
# The public keys of tokens.
{{- range $from := list "key-directory" "message-store" "gateway" }}
- { from: {{ $from }}, to: auth, port: 3000 }
{{- end }}
{{- range $from := list "auth" "key-directory" "message-store" "gateway" }}
- { from: {{ $from }}, to: nats, port: {{ $values.nats.bundled.enabled | ternary 4222 $values.nats.external.port }} }
- { from: {{ $from }}, to: redis, port: {{ $values.redis.bundled.enabled | ternary 6379 $values.redis.external.port }} }
- { from: prometheus, to: {{ $from }}, port: 3000 }
{{- if $values.traces.endpoint }}
- { from: {{ $from }}, to: traces, port: {{ $values.traces.port }} }
{{- end }}
{{- end }}
{{- $clients := list "test" }}
{{- if $values.k6.enabled }}{{ $clients = append $clients "k6" }}{{ end }}
{{- if $values.probe.enabled }}
{{- $clients = append $clients "probe" }}
- { from: prometheus, to: probe, port: 9464 }
{{- end }}
{{- range $from := list "auth" "key-directory" "message-store" "migrations" }}
- { from: {{ $from }}, to: postgres, port: {{ $values.postgres.bundled.enabled | ternary 5432 $values.postgres.external.port }} }
{{- end }}
{{- range $from := $clients }}
{{- if $direct }}
- { from: {{ $from }}, to: web, port: 8080 }
{{- end }}
{{- range $values.networkPolicy.publicPorts }}
- { from: {{ $from }}, to: public, port: {{ . }} }
{{- end }}
{{- end }}
{{- end -}}

{{/* The other end of a line: pods of this release, or the peers that the values name; nothing: anybody. */}}
{{- define "cipherchat.peers" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $values := $root.Values -}}
{{- $outside := dict "edge" $values.networkPolicy.edge "prometheus" $values.networkPolicy.prometheus "traces" $values.traces.peers "public" list -}}
{{- range $store := list "postgres" "nats" "redis" -}}
{{- $settings := index $values $store -}}
{{- if not $settings.bundled.enabled -}}{{- $_ := set $outside $store $settings.external.peers -}}{{- end -}}
{{- end -}}
{{- if hasKey $outside $name -}}
{{- with index $outside $name -}}
{{ toYaml . }}
{{- end -}}
{{- else -}}
- podSelector:
    matchLabels:
      {{- include "cipherchat.selectorLabels" (dict "root" $root "name" $name) | nindent 6 }}
{{- end -}}
{{- end -}}

{{- define "cipherchat.networkPolicy" -}}
{{- $root := .root -}}
{{- $name := .name -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "cipherchat.metadata" . | nindent 2 }}
  {{- with .annotations }}
  {{- . | nindent 2 }}
  {{- end }}
spec:
  podSelector:
    matchLabels:
      {{- include "cipherchat.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- include "cipherchat.networkRules" (dict "root" $root "name" $name "own" "to" "other" "from") | default "[]" | nindent 4 }}
  egress:
    - ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
      to:
        {{- toYaml $root.Values.networkPolicy.dns | nindent 8 }}
    {{- include "cipherchat.networkRules" (dict "root" $root "name" $name "own" "from" "other" "to") | nindent 4 }}
{{- end -}}

{{/* The lines of the table in which a component is the `own` end: a rule each. */}}
{{- define "cipherchat.networkRules" -}}
{{- $rules := list -}}
{{- range include "cipherchat.edges" .root | fromYamlArray -}}
{{- if eq (index . $.own) $.name -}}
{{- $rule := dict "ports" (list (dict "protocol" "TCP" "port" .port)) -}}
{{- with include "cipherchat.peers" (list $.root (index . $.other)) -}}
{{- $_ := set $rule $.other (fromYamlArray .) -}}
{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- with $rules -}}
{{ toYaml . }}
{{- end -}}
{{- end -}}
