{{/* Pods that do what people's devices do, through the public address: the probe, `helm test`, the load test. */}}

{{/* What a client trusts besides what everybody does: the authority of a certificate that nobody else knows. */}}
{{- define "cipherchat.clientAuthority" -}}
{{- if eq .Values.tls.from "selfSigned" -}}
name: {{ include "cipherchat.tlsSecret" . }}
key: ca.crt
{{- else if .Values.tls.authority.existingSecret -}}
name: {{ .Values.tls.authority.existingSecret }}
key: {{ .Values.tls.authority.key }}
{{- end -}}
{{- end -}}

{{- define "cipherchat.clientPod" -}}
{{- with .root.Values.clients.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - { name: tmp, emptyDir: { sizeLimit: 256Mi } }
  - { name: data, emptyDir: { sizeLimit: 256Mi } }
  {{- with include "cipherchat.clientAuthority" .root | fromYaml }}
  - { name: authority, secret: { secretName: {{ .name }}, defaultMode: 0440, items: [{ key: {{ .key }}, path: ca.crt }] } }
  {{- end }}
{{- end -}}

{{- define "cipherchat.clientContainer" -}}
env:
  - { name: CIPHERCHAT_SERVER, value: {{ .root.Values.publicUrl | quote }} }
  - { name: XDG_DATA_HOME, value: /data }
  {{- if eq .name "k6" }}
  - { name: LOAD_ALLOWED_ORIGINS, value: {{ list .root.Values.publicUrl (include "cipherchat.socketUrl" .root) | join "," | quote }} }
  {{- end }}
  {{- if include "cipherchat.clientAuthority" .root }}
  - { name: NODE_EXTRA_CA_CERTS, value: /etc/cipherchat/authority/ca.crt }
  {{- if eq .name "k6" }}
  - { name: SSL_CERT_FILE, value: /etc/cipherchat/authority/ca.crt }
  {{- end }}
  {{- end }}
  {{- with .root.Values.clients.invite }}
  {{- if .existingSecret }}
  - { name: {{ ternary "LOAD_INVITE" "INVITE" (eq $.name "k6") }}, valueFrom: { secretKeyRef: { name: {{ .existingSecret }}, key: {{ .key }} } } }
  {{- end }}
  {{- end }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  - { name: data, mountPath: /data }
  {{- if include "cipherchat.clientAuthority" .root }}
  - { name: authority, mountPath: /etc/cipherchat/authority, readOnly: true }
  {{- end }}
{{- end -}}

{{/* `--invite`, where only invited people may register. */}}
{{- define "cipherchat.inviteArguments" -}}
{{- if .Values.clients.invite.existingSecret -}}, --invite, $(INVITE){{- end -}}
{{- end -}}
