{{/*
Note [Migrations before anything else]
Before a new version starts, a Job of each service brings its tables forward, as a hook: Helm waits for it, and when it fails
nothing else of the upgrade happens, so that the old version goes on. Migrations only add (expand), so that the old version can go on
beside them; what it no longer needs is removed by a later one (contract).
With a bundled Postgres the first installation is another case: there is no database before the installation. Then the Job is
one of the things that are installed, tries until there is Postgres, and the services try until it has done its work.
*/}}
{{- define "cipherchat.migration" -}}
{{- $root := .root -}}
{{- $authority := $root.Values.storeAuthority -}}
{{- $firstOfBundled := and $root.Values.postgres.bundled.enabled $root.Release.IsInstall -}}
{{- $name := printf "migrations-%s%s" .of (ternary "-first" "" $firstOfBundled) -}}
apiVersion: batch/v1
kind: Job
metadata:
  {{- include "cipherchat.metadata" (dict "root" $root "name" $name) | nindent 2 }}
  {{- if not $firstOfBundled }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "0"
    # The last one stays, with its log.
    helm.sh/hook-delete-policy: before-hook-creation
  {{- end }}
spec:
  backoffLimit: {{ .values.retries }}
  activeDeadlineSeconds: {{ .values.deadlineSeconds }}
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      {{- include "cipherchat.podMetadata" (dict "root" $root "name" "migrations" "values" .values) | nindent 6 }}
    spec:
      serviceAccountName: {{ include "cipherchat.componentName" (dict "root" $root "name" "migrations") }}
      restartPolicy: Never
      {{- include "cipherchat.podSecurity" . | nindent 6 }}
      {{- with $root.Values.pods.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.pods.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: migrations
          image: {{ include "cipherchat.image" (dict "root" $root "image" "migrations" "digest" .values.digest) }}
          imagePullPolicy: {{ $root.Values.images.pullPolicy }}
          {{- include "cipherchat.containerSecurity" . | nindent 10 }}
          args: [{{ .of }}]
          env:
            {{- $ref := include "cipherchat.secretRef" (list $root "postgres" "owner") | fromYaml }}
            - { name: DATABASE_URL, valueFrom: { secretKeyRef: { name: {{ $ref.name }}, key: {{ $ref.key }} } } }
            {{- if $authority.existingSecret }}
            - { name: NODE_EXTRA_CA_CERTS, value: {{ include "cipherchat.secretsFolder" $root }}/store-authority.crt }
            {{- end }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- if $authority.existingSecret }}
            - { name: store-authority, mountPath: {{ include "cipherchat.secretsFolder" $root }}, readOnly: true }
            {{- end }}
      volumes:
        - { name: tmp, emptyDir: { sizeLimit: 64Mi } }
        {{- with $authority }}
        {{- if .existingSecret }}
        - { name: store-authority, secret: { secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{ key: {{ .key }}, path: store-authority.crt }] } }
        {{- end }}
        {{- end }}
{{- end -}}

{{/* What the Jobs stand on has to be there before them. */}}
{{- define "cipherchat.migrationSurroundings" -}}
{{- if not (and .Values.postgres.bundled.enabled .Release.IsInstall) -}}
annotations:
  helm.sh/hook: pre-install,pre-upgrade
  helm.sh/hook-weight: "-10"
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
{{- end -}}
