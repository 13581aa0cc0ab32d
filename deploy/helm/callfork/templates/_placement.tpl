{{/* Where pods may be: in the release's cloud regions, over zones as evenly as can
be, and with hostNetwork one on each machine, whose ports it has. */}}
{{- define "callfork.placement" -}}
{{- if or .Values.storage.regions .Values.hostNetwork }}
affinity:
  {{- with .Values.storage.regions }}
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        - matchExpressions:
            - key: topology.kubernetes.io/region
              operator: In
              values: {{ toJson . }}
  {{- end }}
  {{- if .Values.hostNetwork }}
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {app.kubernetes.io/name: {{ include "callfork.name" . }}}
        # Of whatever release: two would want the same ports.
        namespaceSelector: {}
  {{- end }}
{{- end }}
{{- if .Values.topologySpread.enabled }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "callfork.selector" . | nindent 8 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}
