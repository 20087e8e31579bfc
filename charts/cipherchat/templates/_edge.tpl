{{/* What people reach: an Ingress, a Gateway, or nginx itself. */}}

{{- define "cipherchat.publicHost" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}

{{- define "cipherchat.publicHosts" -}}
- {{ include "cipherchat.publicHost" . }}
{{- if .Values.gatewayApi.enabled }}
- {{ .Values.gatewayApi.socketHost }}
{{- end }}
{{- end -}}

{{/* Where sockets are opened: on the one origin, or on a listener of their own. */}}
{{- define "cipherchat.socketUrl" -}}
{{- if .Values.gatewayApi.enabled -}}
wss://{{ .Values.gatewayApi.socketHost }}
{{- else -}}
{{- regexReplaceAll "^http" .Values.publicUrl "ws" -}}
{{- end -}}
{{- end -}}

{{- define "cipherchat.isDirect" -}}
{{- if not (or .Values.ingress.enabled .Values.gatewayApi.enabled) -}}yes{{- end -}}
{{- end -}}

{{- define "cipherchat.tlsSecret" -}}
{{- if eq .Values.tls.from "secret" -}}
{{- .Values.tls.existingSecret -}}
{{- else -}}
{{- include "cipherchat.fullname" . -}}-tls
{{- end -}}
{{- end -}}

{{/* The variables of deploy/nginx/README.md. */}}
{{- define "cipherchat.nginxVariables" -}}
{{- $full := include "cipherchat.fullname" . -}}
{{- $direct := include "cipherchat.isDirect" . -}}
LISTEN: "8080"
WORKERS: {{ .Values.web.workers | toString | quote }}
TRANSPORT: {{ ternary "tls" "tls-in-front" (eq $direct "yes") }}
TLS_CERT_FILE: {{ ternary "/etc/nginx/tls/tls.crt" "" (eq $direct "yes") | quote }}
TLS_KEY_FILE: {{ ternary "/etc/nginx/tls/tls.key" "" (eq $direct "yes") | quote }}
{{- $proxies := list -}}
{{- range ternary list .Values.trustedProxies (eq $direct "yes") -}}
{{- $proxies = append $proxies (printf "set_real_ip_from %s;" .) -}}
{{- end }}
PROXIES_IN_FRONT: {{ join " " $proxies | quote }}
{{- /* nginx counts no further. */}}
ADDRESS_CONNECTIONS: {{ min 65535 (int64 .Values.ingress.perAddress.connections) | toString | quote }}
ADDRESS_REQUESTS: {{ int64 .Values.ingress.perAddress.requestsPerSecond | toString | quote }}
WEB_ROOT: /usr/share/cipherchat/web
RUN_FOLDER: /tmp
{{- /* Pages connect to their own origin, and to no other that their policy does not name. */}}
CONNECT_SOURCES: {{ ternary (printf "'self' %s" (include "cipherchat.socketUrl" .)) "'self'" .Values.gatewayApi.enabled | quote }}
SERVICE_INSTANCE: web
AUTH_SERVER: {{ $full }}-auth:3000
KEY_DIRECTORY_SERVER: {{ $full }}-key-directory:3000
MESSAGE_STORE_SERVER: {{ $full }}-message-store:3000
GATEWAY_SERVERS: server {{ $full }}-gateway:3000 max_fails=0;
{{- end -}}

{{/* deploy/nginx/templates, filled in: a file of the ConfigMap each. */}}
{{- define "cipherchat.nginxFiles" -}}
{{- $variables := include "cipherchat.nginxVariables" . | fromYaml -}}
{{- range $path, $content := .Files.Glob "files/nginx/*.template" }}
{{- $text := toString $content -}}
{{- range $name, $value := $variables -}}
{{- $text = replace (printf "${%s}" $name) $value $text -}}
{{- end }}
{{ base $path | trimSuffix ".template" }}: |
  {{- $text | nindent 2 }}
{{- end }}
{{- end -}}
