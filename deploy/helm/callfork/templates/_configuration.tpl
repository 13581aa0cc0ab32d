{{/* The options of callforkd that the chart decides, by sections. Those that hold
the pod's address or name are in the environment; see callfork.environment. */}}
{{- define "callfork.decided" -}}
{{- $secrets := "/run/secrets/callfork" -}}
{{- $data := "/var/lib/callfork" -}}
{{- $kafka := eq .Values.events.log "kafka" -}}
node:
  name: ""
  region: {{ include "callfork.region" . }}
cluster:
  listen: ""
{{- if .Values.cluster.enabled }}
  peers: [{{ printf "%s-nodes.%s.svc:%d" (include "callfork.fullname" .) .Release.Namespace (int .Values.cluster.port) | quote }}]
  certificate: {{ $secrets }}/cluster/tls.crt
  key: {{ $secrets }}/cluster/tls.key
  authorities: {{ $secrets }}/cluster/ca.crt
{{- else }}
  peers: []
  certificate: ""
  key: ""
  authorities: ""
{{- end }}
ng:
  udp: []
  tcp: []
  allowed: {{ toJson .Values.ng.allowed }}
media:
  interfaces: []
  port_lowest: {{ int .Values.media.portLowest }}
  port_highest: {{ int .Values.media.portHighest }}
  prompts: {{ quote .Values.media.prompts }}
vault:
  folder: {{ ternary (printf "%s/vault/recordings" $data) "" .Values.vault.enabled | quote }}
  key_file: {{ ternary (printf "%s/vault/vault.keys" $secrets) "" (and .Values.vault.enabled (ne .Values.vault.existingSecret "")) | quote }}
siprec:
  udp: []
  tcp: []
  tls: []
{{- if and .Values.siprec.enabled .Values.siprec.existingSecret }}
  certificate: {{ $secrets }}/siprec/tls.crt
  key: {{ $secrets }}/siprec/tls.key
  authorities: {{ $secrets }}/siprec/ca.crt
  client_certificates: {{ .Values.siprec.clientCertificates }}
{{- else }}
  certificate: ""
  key: ""
  authorities: ""
  client_certificates: false
{{- end }}
  providers: {{ include "callfork.providers" . }}
events:
  log: {{ .Values.events.log }}
  folder: {{ $data }}/outbox/events
  outbox: {{ $data }}/outbox/outbox
  topic_prefix: {{ quote .Values.events.topicPrefix }}
  kafka_brokers: {{ ternary .Values.kafka.brokers list $kafka | toJson }}
  kafka_password: {{ ternary (printf "%s/kafka-sasl/password" $secrets) "" (and $kafka (ne .Values.kafka.sasl.mechanism "")) | quote }}
  kafka_settings: {{ ternary (include "callfork.kafka" .) "{}" $kafka }}
admin:
  folder: {{ $data }}/config/config
http:
  listen: ""
  beyond_loopback: true
{{- if .Values.http.existingSecret }}
  certificate: {{ $secrets }}/http/tls.crt
  key: {{ $secrets }}/http/tls.key
{{- else }}
  certificate: ""
  key: ""
{{- end }}
api:
{{- if .Values.api.existingSecret }}
  keys: {{ $secrets }}/api/api.keys
  audit_key: {{ $secrets }}/api/audit.key
  link_key: {{ $secrets }}/api/link.key
{{- else }}
  keys: ""
  audit_key: ""
  link_key: ""
{{- end }}
  audit_folder: {{ $data }}/config/audit
  key_set: {{ quote .Values.api.keySet }}
  issuer: {{ quote .Values.api.issuer }}
  audience: {{ quote .Values.api.audience }}
shutdown:
  drain: {{ int .Values.drain.deadlineSeconds }}s
  grace: {{ int .Values.drain.graceSeconds }}s
{{- end -}}

{{/* The file: what the chart decides, without what the environment says, and
`config`. */}}
{{- define "callfork.file" -}}
{{- $ours := include "callfork.decided" . | fromYaml -}}
{{- $_ := unset $ours.node "name" -}}
{{- $_ := unset $ours.cluster "listen" -}}
{{- $_ := unset $ours.ng "udp" -}}
{{- $_ := unset $ours.ng "tcp" -}}
{{- $_ := unset $ours.media "interfaces" -}}
{{- $_ := unset $ours.siprec "udp" -}}
{{- $_ := unset $ours.siprec "tcp" -}}
{{- $_ := unset $ours.siprec "tls" -}}
{{- $_ := unset $ours.http "listen" -}}
{{- $file := dict "log" (dict "format" "json") -}}
{{- range $section, $options := .Values.config -}}
{{- range $name, $value := $options -}}
{{- $_ := set $file $section (set (default dict (get $file $section)) $name $value) -}}
{{- end -}}
{{- end -}}
{{- mustMergeOverwrite $file $ours | toYaml -}}
{{- end -}}

{{/* Settings of librdkafka, as JSON. */}}
{{- define "callfork.kafka" -}}
{{- $made := deepCopy .Values.kafka.settings -}}
{{- $tls := .Values.kafka.tls -}}
{{- $sasl := .Values.kafka.sasl -}}
{{- $_ := set $made "security.protocol" (printf "%s%s" (ternary "sasl_" "" (ne $sasl.mechanism "")) (ternary "ssl" "plaintext" $tls.enabled)) -}}
{{- if $sasl.mechanism -}}
{{- $_ := set $made "sasl.mechanism" $sasl.mechanism -}}
{{- $_ := set $made "sasl.username" $sasl.user -}}
{{- end -}}
{{- if and $tls.enabled $tls.existingSecret -}}
{{- $_ := set $made "ssl.ca.location" "/run/secrets/callfork/kafka-tls/ca.crt" -}}
{{- if $tls.clientCertificate -}}
{{- $_ := set $made "ssl.certificate.location" "/run/secrets/callfork/kafka-tls/tls.crt" -}}
{{- $_ := set $made "ssl.key.location" "/run/secrets/callfork/kafka-tls/tls.key" -}}
{{- end -}}
{{- end -}}
{{- toJson $made -}}
{{- end -}}

{{/* Providers in callforkd's words, as JSON. */}}
{{- define "callfork.providers" -}}
{{- $made := list -}}
{{- range $at, $provider := .Values.siprec.providers -}}
{{- with $provider -}}
{{- $words := concat (list .name) .targets -}}
{{- if .srtp -}}{{- $words = append $words "srtp" -}}{{- end -}}
{{- with .codecs -}}{{- $words = append $words (printf "codecs=%s" (join "+" .)) -}}{{- end -}}
{{- with .dialect -}}{{- $words = append $words (printf "dialect=%s" .) -}}{{- end -}}
{{- with .rate -}}{{- $words = append $words (printf "rate=%v" .) -}}{{- end -}}
{{- with .user -}}{{- $words = append $words (printf "user=%s" .) -}}{{- end -}}
{{- with .passwordSecret -}}{{- $words = append $words (printf "password-file=/run/secrets/callfork/provider-%d/%s" $at .key) -}}{{- end -}}
{{- with .interface -}}{{- $words = append $words (printf "interface=%s" .) -}}{{- end -}}
{{- $made = append $made (join " " $words) -}}
{{- end -}}
{{- end -}}
{{- toJson $made -}}
{{- end -}}

{{/* What each pod knows alone: its name and its address. */}}
{{- define "callfork.environment" -}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: CALLFORK_NODE_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: CALLFORK_NG_UDP
  value: {{ printf "%s:%d" (include "callfork.host" .) (int .Values.ng.port) | quote }}
- name: CALLFORK_NG_TCP
  value: {{ printf "%s:%d" (include "callfork.host" .) (int .Values.ng.port) | quote }}
{{- if .Values.cluster.enabled }}
- name: CALLFORK_CLUSTER_LISTEN
  value: {{ printf "%s:%d" (include "callfork.host" .) (int .Values.cluster.port) | quote }}
{{- end }}
- name: CALLFORK_HTTP_LISTEN
  value: {{ printf "%s:%d" (include "callfork.httpHost" .) (int .Values.http.port) | quote }}
- name: CALLFORK_MEDIA_INTERFACES
  value: {{ include "callfork.interfaces" . | quote }}
{{- if .Values.siprec.enabled }}
{{- range $over := list "udp" "tcp" "tls" }}
{{- with int (get $.Values.siprec (printf "%sPort" $over)) }}
- name: CALLFORK_SIPREC_{{ upper $over }}
  value: {{ printf "%s:%d" (include "callfork.host" $) . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "callfork.interfaces" -}}
{{- $made := list -}}
{{- range default (list (dict "name" "default" "advertised" .Values.media.advertised)) .Values.media.interfaces -}}
{{- $text := printf "%s=%s" .name (default "$(POD_IP)" .address) -}}
{{- with .advertised -}}{{- $text = printf "%s/%s" $text . -}}{{- end -}}
{{- $made = append $made $text -}}
{{- end -}}
{{- join "," $made -}}
{{- end -}}
