{{- define "callfork.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "callfork.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "callfork.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "callfork.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "callfork.selector" -}}
app.kubernetes.io/name: {{ include "callfork.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "callfork.labels" -}}
{{ include "callfork.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
callfork.io/region: {{ include "callfork.region" . }}
{{- end -}}

{{- define "callfork.region" -}}
{{- lower .Values.region -}}
{{- end -}}

{{- define "callfork.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "callfork.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The pod's address as a host: Kubernetes puts it in for $(POD_IP). */}}
{{- define "callfork.host" -}}
{{- if eq .Values.ipFamily "IPv6" -}}[$(POD_IP)]{{- else -}}$(POD_IP){{- end -}}
{{- end -}}

{{/* Where HTTP is served: on a pod's own loopback nobody else is. */}}
{{- define "callfork.httpHost" -}}
{{- if and .Values.hostNetwork (not .Values.http.onLoopback) -}}
{{- include "callfork.host" . -}}
{{- else -}}
{{- if eq .Values.ipFamily "IPv6" -}}[::]{{- else -}}0.0.0.0{{- end -}}
{{- end -}}
{{- end -}}

{{/* Addresses and networks, one a line, as networks. */}}
{{- define "callfork.networks" -}}
{{- range . }}
- ipBlock:
    cidr: {{ if contains "/" . }}{{ . }}{{ else if contains ":" . }}{{ . }}/128{{ else }}{{ . }}/32{{ end }}
{{- end -}}
{{- end -}}

{{/* The ports of a pod, as YAML: what each is called, its protocol and number. */}}
{{- define "callfork.ports" -}}
- {name: ng-udp, protocol: UDP, port: {{ .Values.ng.port }}, who: ng}
- {name: ng-tcp, protocol: TCP, port: {{ .Values.ng.port }}, who: ng}
- {name: http, protocol: TCP, port: {{ .Values.http.port }}, who: http}
{{- if .Values.cluster.enabled }}
- {name: cluster, protocol: TCP, port: {{ .Values.cluster.port }}, who: cluster}
{{- end }}
{{- if .Values.siprec.enabled }}
{{- with int .Values.siprec.udpPort }}
- {name: sip-udp, protocol: UDP, port: {{ . }}, who: sip}
{{- end }}
{{- with int .Values.siprec.tcpPort }}
- {name: sip-tcp, protocol: TCP, port: {{ . }}, who: sip}
{{- end }}
{{- with int .Values.siprec.tlsPort }}
- {name: sip-tls, protocol: TCP, port: {{ . }}, who: sip}
{{- end }}
{{- end }}
{{- end -}}

{{/* What a probe asks for. */}}
{{- define "callfork.page" -}}
{{- $root := index . 0 -}}
path: {{ index . 1 }}
port: http
scheme: {{ ternary "HTTPS" "HTTP" (ne $root.Values.http.existingSecret "") }}
{{- end -}}
