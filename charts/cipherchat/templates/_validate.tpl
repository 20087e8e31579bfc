{{/*
What no schema can say: that one value needs another, or excludes it. Every line begins with the name of the value, and all of them
are shown at once.
*/}}
{{- define "cipherchat.validate" -}}
{{- if not (.Files.Glob "files/nginx/*.template") -}}
{{- fail "\n\nfiles/nginx: the links of the chart to deploy/ were lost: git makes them in a checkout, where the system has symbolic links." -}}
{{- end -}}
{{- $problems := include "cipherchat.problems" . | fromYamlArray -}}
{{- with $problems -}}
{{- fail (printf "\n\n%s\n" (join "\n" .)) -}}
{{- end -}}
{{- end -}}

{{- define "cipherchat.problems" -}}
{{- $values := .Values -}}
{{- if not $values.publicUrl }}
- "publicUrl is empty: say where people reach this deployment, like https://chat.example.org."
{{- end }}
{{- if gt (len (include "cipherchat.fullname" .)) 30 }}
- "fullnameOverride: {{ include "cipherchat.fullname" . }} is longer than the 30 characters that names of pods leave."
{{- end }}
{{- include "cipherchat.edgeProblems" . }}
{{- include "cipherchat.storeProblems" . }}
{{- include "cipherchat.replicaProblems" . }}
{{- if ge (int $values.drain.socketsSeconds) (int $values.drain.requestsSeconds) }}
- "drain.socketsSeconds must be less than drain.requestsSeconds: sockets that are left are cut then."
{{- end }}
{{- if and (eq $values.registration "invite") (not $values.clients.invite.existingSecret) }}
{{- range $client := list "probe" "k6" }}
{{- if (index $values $client).enabled }}
- "clients.invite.existingSecret is empty, but {{ $client }}.enabled needs accounts and registration is by invitation."
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "cipherchat.edgeProblems" -}}
{{- $values := .Values -}}
{{- $gateway := $values.gatewayApi -}}
{{- if and $values.ingress.enabled $gateway.enabled }}
- "ingress.enabled and gatewayApi.enabled exclude each other: people reach a deployment by one of them."
{{- end }}
{{- if $gateway.enabled }}
{{- if not $gateway.socketHost }}
- "gatewayApi.socketHost is empty: the socket has a listener of its own, with a name like socket.chat.example.org."
{{- else if eq $gateway.socketHost (include "cipherchat.publicHost" .) }}
- "gatewayApi.socketHost is that of publicUrl: two listeners of one port need two names."
{{- end }}
{{- if and $gateway.gateway.create (not $gateway.gateway.className) }}
- "gatewayApi.gateway.className is empty: which class makes the Gateway?"
{{- end }}
{{- if and (not $gateway.gateway.create) (not $gateway.gateway.name) }}
- "gatewayApi.gateway.name is empty: which Gateway are the routes for, when none is made?"
{{- end }}
{{- end }}
{{- if and (or $values.ingress.enabled $gateway.enabled) (ne $values.web.service.type "ClusterIP") }}
- "web.service.type is {{ $values.web.service.type }}, but an Ingress or a Gateway is in front: it would be passed by."
{{- end }}
{{- if and $values.web.service.nodePort (eq $values.web.service.type "ClusterIP") }}
- "web.service.nodePort is set, but web.service.type ClusterIP has none."
{{- end }}
{{- if and (eq $values.tls.from "secret") (not $values.tls.existingSecret) }}
- "tls.existingSecret is empty: the Secret with the certificate of publicUrl; or choose another tls.from."
{{- end }}
{{- if and (ne $values.tls.from "secret") $values.tls.existingSecret }}
- "tls.existingSecret is set, but tls.from is {{ $values.tls.from }}."
{{- end }}
{{- if and (eq $values.tls.from "certManager") (not $values.tls.certManager.issuerName) }}
- "tls.certManager.issuerName is empty: who issues the certificate?"
{{- end }}
{{- end -}}

{{- define "cipherchat.storeProblems" -}}
{{- $values := .Values -}}
{{- $needed := dict "postgres" (list "owner" "auth" "keyDirectory" "messageStore") "nats" (list "auth" "keyDirectory" "messageStore" "gateway") -}}
{{- range $store, $users := $needed }}
{{- $settings := index $values $store }}
{{- range $user := $users }}
{{- $given := (index $settings.external $user).existingSecret }}
{{- if and $given $settings.bundled.enabled }}
- "{{ $store }}.external.{{ $user }}.existingSecret is set, but {{ $store }}.bundled.enabled is too: one of the two."
{{- else if not (or $given $settings.bundled.enabled) }}
- "{{ $store }}.external.{{ $user }}.existingSecret is empty: the Secret with the address that {{ $user }} uses; or, for an evaluation, {{ $store }}.bundled.enabled."
{{- end }}
{{- end }}
{{- end }}
{{- $redis := $values.redis }}
{{- if and $redis.external.existingSecret $redis.bundled.enabled }}
- "redis.external.existingSecret is set, but redis.bundled.enabled is too: one of the two."
{{- else if not (or $redis.external.existingSecret $redis.bundled.enabled) }}
- "redis.external.existingSecret is empty: the Secret with its address; or, for an evaluation, redis.bundled.enabled."
{{- end }}
{{- with $values.postgres.bundled }}
{{- if and .enabled (eq .persistence.kind "hostPath") (not .persistence.hostPath) }}
- "postgres.bundled.persistence.hostPath is empty: which folder of the node?"
{{- end }}
{{- end }}
{{- end -}}

{{- define "cipherchat.replicaProblems" -}}
{{- range $name := list "auth" "keyDirectory" "messageStore" "gateway" "web" }}
{{- $component := index $.Values $name }}
{{- with $component.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
- "{{ $name }}.autoscaling.minReplicas is above its maxReplicas."
{{- end }}
{{- $least := .enabled | ternary .minReplicas $component.replicas | int }}
{{- $mayGo := $component.disruptionBudget.maxUnavailable }}
{{- if and (gt $least 1) (not (kindIs "string" $mayGo)) (ge (int $mayGo) $least) }}
- "{{ $name }}.disruptionBudget.maxUnavailable lets all {{ $least }} pods go at once."
{{- end }}
{{- end }}
{{- end }}
{{- $gateway := .Values.gateway }}
{{- $sockets := $gateway.autoscaling.sockets }}
{{- if and (ne $sockets.by "none") (not $gateway.autoscaling.enabled) }}
- "gateway.autoscaling.sockets.by is {{ $sockets.by }}, but gateway.autoscaling.enabled is not."
{{- end }}
{{- if and (eq $sockets.by "keda") (not $sockets.prometheus) }}
- "gateway.autoscaling.sockets.prometheus is empty: the address at which KEDA asks how many sockets there are."
{{- end }}
{{- if ge (int $sockets.perPod) (int $gateway.maxSockets) }}
- "gateway.autoscaling.sockets.perPod must be less than gateway.maxSockets: a full pod would turn people away before there is another."
{{- end }}
{{- end -}}
