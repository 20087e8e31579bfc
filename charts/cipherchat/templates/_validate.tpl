{{/* What no schema can say: that one value needs another. Every message names the value. */}}
{{- define "cipherchat.validate" -}}
{{- if not (.Files.Glob "files/nginx/*.template") -}}
{{- fail "\n\nfiles/nginx: this is a checkout whose chart is not linked to deploy/ yet. npm run build:chart does that." -}}
{{- end -}}
{{- end -}}
