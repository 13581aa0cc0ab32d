{{/* What the schema cannot say: things that exclude or need each other, and data
that would leave its region. */}}
{{- define "callfork.guards" -}}
{{- include "callfork.guards.region" . -}}
{{- include "callfork.guards.doors" . -}}
{{- include "callfork.guards.secrets" . -}}
{{- include "callfork.guards.config" . -}}
{{- end -}}

{{- define "callfork.guards.region" -}}
{{- $region := .Values.region -}}
{{- if eq .Values.events.log "kafka" -}}
{{- if not .Values.kafka.region -}}
{{- fail (printf "kafka.region: say in which region the brokers keep what they get; here only %s will do" $region) -}}
{{- end -}}
{{- if ne .Values.kafka.region $region -}}
{{- fail (printf "kafka.region: the brokers keep data in %s, and this release is of region %s: its data does not leave it" .Values.kafka.region $region) -}}
{{- end -}}
{{- if not .Values.kafka.brokers -}}
{{- fail (printf "kafka.brokers: name the brokers of region %s, or set events.log to files" $region) -}}
{{- end -}}
{{- else if gt (int .Values.replicaCount) 1 -}}
{{- fail "events.log: files are one node's own, so several nodes would not agree on what administrators decide: use kafka, or set replicaCount to 1" -}}
{{- end -}}
{{- range regexSplit "[._-]+" (lower .Values.events.topicPrefix) -1 -}}
{{- if and (has . (list "us" "eu")) (ne . (lower $region)) -}}
{{- fail (printf "events.topicPrefix: %q names topics of region %s, and this release is of region %s" $.Values.events.topicPrefix (upper .) $region) -}}
{{- end -}}
{{- end -}}
{{- range .Values.storage.regions -}}
{{- $of := include "callfork.regionOf" . -}}
{{- if ne $of $region -}}
{{- fail (printf "storage.regions: %q is not in region %s%s" . $region (ternary (printf " but in %s" $of) "" (ne $of ""))) -}}
{{- end -}}
{{- end -}}
{{- range .Values.siprec.providers -}}
{{- if ne .region $region -}}
{{- fail (printf "siprec.providers: %s keeps recordings in %s, and this release is of region %s: its data does not leave it" .name .region $region) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The region that a cloud's region lies in, by the names of AWS, Google and
Azure; nothing for those of neither. London and Zurich are not in the EU. */}}
{{- define "callfork.regionOf" -}}
{{- if has . (list "eu-west-2" "eu-central-2" "europe-west2" "europe-west6") -}}
{{- else if regexMatch "^(us-[a-z0-9-]+|us|(north|south|east|west|central|northcentral|southcentral|westcentral)us[0-9]?)$" . -}}US
{{- else if regexMatch "^(eu-[a-z0-9-]+|eu|europe-[a-z0-9-]+|northeurope|westeurope|(germany|france|sweden|italy|poland|spain|austria|belgium|finland|denmark|greece)(north|south|east|west|central|westcentral)[0-9]?)$" . -}}EU
{{- end -}}
{{- end -}}

{{- define "callfork.guards.doors" -}}
{{- if not .Values.ng.allowed -}}
{{- fail "ng.allowed: list the addresses or networks of the proxies; nobody else may send NG requests" -}}
{{- end -}}
{{- if lt (int .Values.media.portHighest) (add (int .Values.media.portLowest) 3) -}}
{{- fail (printf "media.portHighest: %d leaves no four ports above media.portLowest, %d, for one call" (int .Values.media.portHighest) (int .Values.media.portLowest)) -}}
{{- end -}}
{{- if and .Values.media.advertised .Values.media.interfaces -}}
{{- fail "media.advertised, media.interfaces: give one of them; each interface has its own advertised address" -}}
{{- end -}}
{{- $told := .Values.media.advertised -}}
{{- range .Values.media.interfaces -}}
{{- if or .advertised .address -}}{{- $told = default .address .advertised -}}{{- end -}}
{{- end -}}
{{- if and $told (gt (int .Values.replicaCount) 1) -}}
{{- fail (printf "media: %s is the address of one node, and there are %d: all but one would announce media where it is not" $told (int .Values.replicaCount)) -}}
{{- end -}}
{{- $taken := dict -}}
{{- range include "callfork.ports" . | fromYamlArray -}}
{{- $port := int .port -}}
{{- $socket := printf "%s %d" .protocol $port -}}
{{- if hasKey $taken $socket -}}
{{- fail (printf "%s and %s: both want the %s port %d" (get $taken $socket) .name .protocol $port) -}}
{{- end -}}
{{- $_ := set $taken $socket .name -}}
{{- if and (eq .protocol "UDP") (ge $port (int $.Values.media.portLowest)) (le $port (int $.Values.media.portHighest)) -}}
{{- fail (printf "media: the UDP port %d of %s lies among those of media" $port .name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.siprec.enabled -}}
{{- if not (or .Values.siprec.udpPort .Values.siprec.tcpPort .Values.siprec.tlsPort) -}}
{{- fail "siprec: set udpPort, tcpPort or tlsPort, or enabled to false" -}}
{{- end -}}
{{- if and .Values.siprec.tlsPort (not .Values.siprec.existingSecret) -}}
{{- fail "siprec.existingSecret: name the Secret with tls.crt, tls.key and ca.crt, which siprec.tlsPort needs" -}}
{{- end -}}
{{- else if .Values.siprec.providers -}}
{{- fail "siprec.enabled: true is needed for siprec.providers" -}}
{{- end -}}
{{- end -}}

{{- define "callfork.guards.secrets" -}}
{{- if and .Values.vault.enabled (not .Values.vault.existingSecret) (not .Values.vault.plain) -}}
{{- fail "vault.existingSecret: name the Secret with vault.keys, which encrypt recordings; or set vault.plain to true, if plain audio on the disk is wanted" -}}
{{- end -}}
{{- if and .Values.vault.existingSecret .Values.vault.plain -}}
{{- fail "vault.existingSecret, vault.plain: recordings are either encrypted or plain" -}}
{{- end -}}
{{- if and .Values.cluster.enabled (not .Values.cluster.existingSecret) -}}
{{- fail "cluster.existingSecret: name the Secret with tls.crt, tls.key and ca.crt, by which nodes know each other; or set cluster.enabled to false" -}}
{{- end -}}
{{- if and .Values.api.existingSecret (not .Values.http.existingSecret) -}}
{{- fail "http.existingSecret: name the Secret with tls.crt and tls.key, because api.existingSecret opens the API to other machines" -}}
{{- end -}}
{{- if and .Values.api.keySet (not (and .Values.api.existingSecret .Values.api.issuer)) -}}
{{- fail "api.existingSecret, api.issuer: both are needed with api.keySet" -}}
{{- end -}}
{{- if and .Values.kafka.tls.clientCertificate (not .Values.kafka.tls.existingSecret) -}}
{{- fail "kafka.tls.existingSecret: name the Secret with tls.crt and tls.key, which kafka.tls.clientCertificate needs" -}}
{{- end -}}
{{- $sasl := .Values.kafka.sasl -}}
{{- if and $sasl.mechanism (not (and $sasl.user $sasl.existingSecret)) -}}
{{- fail "kafka.sasl.user, kafka.sasl.existingSecret: both are needed with kafka.sasl.mechanism" -}}
{{- end -}}
{{- if and (eq $sasl.mechanism "PLAIN") (not .Values.kafka.tls.enabled) -}}
{{- fail "kafka.tls.enabled: kafka.sasl.mechanism PLAIN would send the password in the clear" -}}
{{- end -}}
{{- range $name, $value := .Values.kafka.settings -}}
{{- if regexMatch "password|secret|\\.pem$|^sasl\\.jaas|oauthbearer\\.config" $name -}}
{{- fail (printf "kafka.settings: %s is a secret, and would stand in a ConfigMap" $name) -}}
{{- end -}}
{{- if regexMatch "^(security\\.protocol|ssl\\.(ca|certificate|key)\\.location|sasl\\.(mechanisms?|username))$" $name -}}
{{- fail (printf "kafka.settings: the chart decides %s; see kafka.tls and kafka.sasl" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "callfork.guards.config" -}}
{{- $ours := include "callfork.decided" . | fromYaml -}}
{{- range $section, $options := .Values.config -}}
{{- range $name, $value := $options -}}
{{- if hasKey (default dict (get $ours $section)) $name -}}
{{- fail (printf "config: the chart decides %s.%s itself; values.yaml has a value for it" $section $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
