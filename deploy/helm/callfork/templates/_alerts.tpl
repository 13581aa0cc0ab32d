{{/* What is worth an alert; docs/operations.md says what each metric means. */}}
{{- define "callfork.alerts" -}}
- alert: CallforkNotLive
  expr: callfork_live{ {{- . -}} } == 0
  for: 30s
  severity: critical
  summary: "{{ "{{ $labels.pod }}" }}: threads stand still, or the call supervisor died"
- alert: CallforkNotReady
  expr: callfork_ready{ {{- . -}} } == 0 and callfork_draining{ {{- . -}} } == 0
  for: 2m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} takes no new calls, and was not told to stop; /readyz says why"
- alert: CallforkNearlyFull
  expr: callfork_active_calls{ {{- . -}} } / callfork_calls_capacity{ {{- . -}} } > 0.8
  for: 5m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} has more than 80 % of the calls that it can take"
- alert: CallforkRecordingGap
  expr: increase(callfork_recording_gap_seconds_total{ {{- . -}} }[5m]) > 0
  severity: critical
  summary: "{{ "{{ $labels.pod }}" }}: audio is missing in a recording through us"
- alert: CallforkEventsLost
  expr: increase(callfork_events_refused_total{ {{- . -}} }[5m]) > 0 or increase(callfork_events_total{ {{- . -}} ,outcome=~"refused|rejected"}[5m]) > 0
  severity: critical
  summary: "{{ "{{ $labels.pod }}" }} lost events"
- alert: CallforkEventsLate
  expr: callfork_outbox_oldest_seconds{ {{- . -}} } > 60
  for: 1m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }}: an event waits for the log for more than a minute"
- alert: CallforkEventLogDown
  expr: callfork_event_log_up{ {{- . -}} } == 0
  for: 5m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} does not reach the event log; events wait on its volume"
- alert: CallforkCallGivenUp
  expr: increase(callfork_calls_total{ {{- . -}} ,outcome="given_up"}[5m]) > 0
  severity: critical
  summary: "{{ "{{ $labels.pod }}" }} gave up a call after two faults of its own"
- alert: CallforkCallNotEnded
  expr: increase(callfork_ending_calls_total{ {{- . -}} ,outcome=~"refused|given_up|lost"}[5m]) > 0
  severity: critical
  summary: "{{ "{{ $labels.pod }}" }}: nobody ended a call that must not go on without a recording"
- alert: CallforkNodesApart
  expr: callfork_cluster_members{ {{- . -}} ,state="out"} > 0
  for: 5m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} does not reach all nodes of its region"
- alert: CallforkStrangeNode
  expr: callfork_cluster_members{ {{- . -}} ,state="refused"} > 0
  for: 15m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} refuses a node: of another region or version, or of a name that is taken"
- alert: CallforkProviderDown
  expr: callfork_siprec_target_up{ {{- . -}} } == 0
  for: 2m
  severity: warning
  summary: "{{ "{{ $labels.pod }}" }} does not reach {{ "{{ $labels.target }}" }}"
{{- end -}}
