{{- define "crossfade.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "crossfade.selector" -}}
app.kubernetes.io/name: {{ include "crossfade.name" . }}
{{- end -}}

{{/* Labels of objects that only a chart has. */}}
{{- define "crossfade.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "crossfade.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "crossfade.name" .) -}}
{{- end -}}

{{- define "crossfade.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .version | required "api.image: expected a tag or a digest" }}
{{- end -}}
{{- end -}}

{{/* The plan's text. */}}
{{- define "crossfade.planText" -}}
{{- if .Values.plan -}}
{{ .Values.plan }}
{{- else -}}
{{ .Files.Get (printf "files/%s.crossfade.yaml" .Values.shape) }}
{{- end -}}
{{- end -}}

{{/* What the objects take from the plan, as JSON. Refuses a plan that does not fit the shape. */}}
{{- define "crossfade.plan" -}}
{{- $plan := include "crossfade.planText" . | fromYaml -}}
{{- if hasKey $plan "Error" -}}
{{- fail (printf "plan: expected the text of crossfade.yaml, found no YAML: %s" $plan.Error) -}}
{{- end -}}
{{- $migration := $plan.migration | default "" | toString -}}
{{- if not $migration -}}
{{- fail "plan: expected migration: a name; pass the whole file by --set-file plan=crossfade.yaml" -}}
{{- end -}}
{{- $sidecar := $plan.sidecar | default dict -}}
{{- $mode := $sidecar.mode | default "proxy" -}}
{{- $wanted := ternary "proxy" "forward-auth" (eq .Values.shape "in-pod") -}}
{{- if ne $mode $wanted -}}
{{- fail (printf "plan: sidecar.mode is %s, and shape %s needs %s; change one of them" $mode .Values.shape $wanted) -}}
{{- end -}}
{{- if not $sidecar.service -}}
{{- fail "plan: expected sidecar.service: the name of the API in metrics" -}}
{{- end -}}
{{- range $key := list "listen" "metrics" -}}
{{- if not (regexMatch "^(0\\.0\\.0\\.0|\\[::\\]):[0-9]+$" (get $sidecar $key | default "" | toString)) -}}
{{- fail (printf "plan: expected sidecar.%s: 0.0.0.0:<port>, found %q; probes, Service and scraper come from outside the pod" $key (get $sidecar $key | default "" | toString)) -}}
{{- end -}}
{{- end -}}
{{- $upstream := $sidecar.upstream | default "" | toString -}}
{{- if and (eq .Values.shape "in-pod") (not (hasPrefix "unix:" $upstream)) (not (hasSuffix (printf ":%v" .Values.api.port) (trimSuffix "/" $upstream))) -}}
{{- fail (printf "plan: sidecar.upstream is %q, and api.port is %v; the sidecar has to reach the API of its pod" $upstream .Values.api.port) -}}
{{- end -}}
{{- dict
  "migration" $migration
  "service" $sidecar.service
  "listen" (regexFind "[0-9]+$" $sidecar.listen | int)
  "metrics" (regexFind "[0-9]+$" $sidecar.metrics | int)
  "drain" (add (include "crossfade.seconds" (dict "key" "drainDelay" "value" ($sidecar.drainDelay | default "0s")) | int)
    (include "crossfade.seconds" (dict "key" "drainTimeout" "value" ($sidecar.drainTimeout | default "25s")) | int))
  | toJson -}}
{{- end -}}

{{/* A duration of the plan in whole seconds. */}}
{{- define "crossfade.seconds" -}}
{{- $text := toString .value -}}
{{- if not (regexMatch "^[0-9]+(s|m|h)$" $text) -}}
{{- fail (printf "plan: expected sidecar.%s: whole seconds or minutes such as 10s, found %q" .key $text) -}}
{{- end -}}
{{- $unit := regexFind "[smh]$" $text -}}
{{- mul (trimSuffix $unit $text | int) (get (dict "s" 1 "m" 60 "h" 3600) $unit) -}}
{{- end -}}

{{/* The sidecar's container, without what only a native sidecar has. */}}
{{- define "crossfade.sidecar" -}}
{{- $plan := include "crossfade.plan" . | fromJson -}}
name: crossfade
image: {{ include "crossfade.image" (dict "image" .Values.sidecar.image "version" .Chart.AppVersion) }}
{{- with .Values.sidecar.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
ports:
  - name: http
    containerPort: {{ $plan.listen }}
  - name: metrics
    containerPort: {{ $plan.metrics }}
env:
  - name: CROSSFADE_STATE_DIRECTORY
    value: /var/lib/crossfade
  {{- with .Values.sidecar.readTokenSecret }}
  - name: CROSSFADE_SIDECAR_READ_TOKEN
    valueFrom:
      secretKeyRef:
        name: {{ . }}
        key: token
        optional: true
  {{- end }}
  {{- if eq .Values.gateway.type "traefik" }}
  # Traefik asks by GET, and names the method of the request here.
  - name: CROSSFADE_SIDECAR_METHOD_HEADER
    value: X-Forwarded-Method
  {{- end }}
  {{- with .Values.sidecar.env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
# Not /readyz: a sidecar that enforces waits there for its issuer, and would be restarted for an outage of it.
startupProbe:
  httpGet:
    path: /healthz
    port: metrics
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet:
    path: /readyz
    port: metrics
  periodSeconds: 5
livenessProbe:
  httpGet:
    path: /healthz
    port: metrics
  periodSeconds: 10
resources:
  {{- toYaml .Values.sidecar.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: crossfade
    mountPath: /etc/crossfade
    readOnly: true
  - name: state
    mountPath: /var/lib/crossfade
{{- end -}}
