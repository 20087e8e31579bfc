{{/* Which Secret holds what: one of the operator's, or the one that this chart makes. */}}

{{- define "cipherchat.secretsFolder" -}}/run/secrets/cipherchat{{- end -}}

{{/* `{name, key}` of a secret: `(list $ "postgres" "auth")`. */}}
{{- define "cipherchat.secretRef" -}}
{{- $root := index . 0 -}}
{{- $store := index . 1 -}}
{{- $of := index . 2 -}}
{{- $full := include "cipherchat.fullname" $root -}}
{{- $given := dict -}}
{{- $own := dict -}}
{{- if eq $store "postgres" -}}
{{- $given = index $root.Values.postgres.external $of -}}
{{- $own = dict "name" (printf "%s-postgres" $full) "key" (printf "%s-url" (kebabcase $of)) -}}
{{- if $root.Values.postgres.bundled.enabled -}}{{- $given = dict -}}{{- end -}}
{{- else if eq $store "nats" -}}
{{- $given = index $root.Values.nats.external $of -}}
{{- $own = dict "name" (printf "%s-nats" $full) "key" (printf "%s-url" (kebabcase $of)) -}}
{{- if $root.Values.nats.bundled.enabled -}}{{- $given = dict -}}{{- end -}}
{{- else if eq $store "redis" -}}
{{- $given = $root.Values.redis.external -}}
{{- $own = dict "name" (printf "%s-redis" $full) "key" "url" -}}
{{- if $root.Values.redis.bundled.enabled -}}{{- $given = dict -}}{{- end -}}
{{- else -}}
{{- $given = index $root.Values.secrets $of -}}
{{- $own = dict "name" (printf "%s-keys" $full) "key" (kebabcase $of) -}}
{{- end -}}
{{- if $given.existingSecret -}}
name: {{ $given.existingSecret }}
key: {{ $given.key }}
{{- else -}}
name: {{ $own.name }}
key: {{ $own.key }}
{{- end -}}
{{- end -}}

{{/* The files of a component, each from its Secret. */}}
{{- define "cipherchat.secretSources" -}}
{{- $root := .root -}}
{{- range .secrets }}
{{- $ref := include "cipherchat.secretRef" (list $root .store .of) | fromYaml }}
- secret: { name: {{ $ref.name }}, items: [{ key: {{ $ref.key }}, path: {{ .file }} }] }
{{- end }}
{{- end -}}

{{/* What a Secret of ours holds already; nothing before the first installation, and nothing where there is no cluster. */}}
{{- define "cipherchat.keptSecret" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- range $key, $value := (lookup "v1" "Secret" $root.Release.Namespace $name).data }}
{{ $key }}: {{ $value | b64dec | quote }}
{{- end }}
{{- end -}}

{{- define "cipherchat.keptSecretMetadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "cipherchat.labels" (dict "root" .root "name" .component) | nindent 2 }}
annotations:
  # Whoever uninstalls keeps the data; without these it would be lost.
  helm.sh/resource-policy: keep
{{- end -}}

{{/* What every service is given: NATS under its own name, Redis, and the key of limits. `of` is its name in the values. */}}
{{- define "cipherchat.serviceSecrets" -}}
- { variable: NATS_URL, file: nats-url, store: nats, of: {{ .of }} }
- { variable: REDIS_URL, file: redis-url, store: redis, of: all }
- { variable: ADDRESS_HASH_KEY, file: address-hash-key, store: keys, of: addressHashKey }
{{- if .database }}
- { variable: DATABASE_URL, file: database-url, store: postgres, of: {{ .of }} }
{{- end }}
{{- end -}}
