{{/* Secrets that are files, as YAML: the folder below /run/secrets/callfork, the
Secret, and the files of it. */}}
{{- define "callfork.secrets" -}}
{{- if and .Values.vault.enabled .Values.vault.existingSecret }}
- {folder: vault, secret: {{ .Values.vault.existingSecret }}, files: [vault.keys]}
{{- end }}
{{- if .Values.cluster.enabled }}
- {folder: cluster, secret: {{ .Values.cluster.existingSecret }}, files: [tls.crt, tls.key, ca.crt]}
{{- end }}
{{- with .Values.http.existingSecret }}
- {folder: http, secret: {{ . }}, files: [tls.crt, tls.key]}
{{- end }}
{{- with .Values.api.existingSecret }}
- {folder: api, secret: {{ . }}, files: [api.keys, audit.key, link.key]}
{{- end }}
{{- if and .Values.siprec.enabled .Values.siprec.existingSecret }}
- {folder: siprec, secret: {{ .Values.siprec.existingSecret }}, files: [tls.crt, tls.key, ca.crt]}
{{- end }}
{{- if and (eq .Values.events.log "kafka") .Values.kafka.tls.enabled .Values.kafka.tls.existingSecret }}
- {folder: kafka-tls, secret: {{ .Values.kafka.tls.existingSecret }}, files: {{ ternary (list "ca.crt" "tls.crt" "tls.key") (list "ca.crt") .Values.kafka.tls.clientCertificate | toJson }}}
{{- end }}
{{- if and (eq .Values.events.log "kafka") .Values.kafka.sasl.mechanism }}
- {folder: kafka-sasl, secret: {{ .Values.kafka.sasl.existingSecret }}, files: [password]}
{{- end }}
{{- range $at, $provider := .Values.siprec.providers }}
{{- with $provider.passwordSecret }}
- {folder: provider-{{ $at }}, secret: {{ .name }}, files: [{{ .key }}]}
{{- end }}
{{- end }}
{{- end -}}

{{- define "callfork.claims" -}}
{{- $names := ternary (list "vault" "outbox" "config") (list "outbox" "config") .Values.vault.enabled -}}
{{- toJson $names -}}
{{- end -}}

{{- define "callfork.mounts" -}}
- {name: configuration, mountPath: /etc/callfork, readOnly: true}
- {name: temporary, mountPath: /tmp}
{{- range include "callfork.claims" . | fromJsonArray }}
- {name: {{ . }}, mountPath: /var/lib/callfork/{{ . }}}
{{- end }}
{{- range include "callfork.secrets" . | fromYamlArray }}
- {name: secret-{{ .folder }}, mountPath: /run/secrets/callfork/{{ .folder }}, readOnly: true}
{{- end }}
{{- range $at, $name := .Values.extraSecrets }}
- {name: extra-secret-{{ $at }}, mountPath: /run/secrets/callfork/extra/{{ $name }}, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "callfork.volumes" -}}
- name: configuration
  configMap: {name: {{ include "callfork.fullname" . }}}
- name: temporary
  emptyDir: {sizeLimit: 1Gi}
{{- range include "callfork.secrets" . | fromYamlArray }}
- name: secret-{{ .folder }}
  secret:
    secretName: {{ .secret }}
    # callforkd refuses keys that others than owner and group may read.
    defaultMode: 0440
    items:
      {{- range .files }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- range $at, $name := .Values.extraSecrets }}
- name: extra-secret-{{ $at }}
  secret: {secretName: {{ $name }}, defaultMode: 0440}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "callfork.volumeClaims" -}}
{{- range include "callfork.claims" . | fromJsonArray }}
{{- $wanted := get $.Values.persistence . }}
- metadata:
    name: {{ . }}
    labels: {{- include "callfork.selector" $ | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with $wanted.storageClassName }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ $wanted.size }}
{{- end }}
{{- end -}}
