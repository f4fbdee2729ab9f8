{{- define "crossfade.gatewayNamespace" -}}
{{- .Values.gateway.namespace | default (get (dict "envoy-gateway" "envoy-gateway-system" "traefik" "traefik") .Values.gateway.type) -}}
{{- end -}}

{{- define "crossfade.istioProvider" -}}
{{- .Values.gateway.istio.provider | default (printf "crossfade-%s" (include "crossfade.name" .)) -}}
{{- end -}}

{{- define "crossfade.address" -}}
{{ include "crossfade.name" . }}.{{ .Release.Namespace }}.svc.cluster.local
{{- end -}}

{{/* What makes a CORS preflight of an OPTIONS, and what none has. */}}
{{- define "crossfade.preflightHeaders" -}}
- origin
- access-control-request-method
- x-http-method-override
- x-http-method
- x-method-override
{{- end -}}

{{- define "crossfade.identityHeaders" -}}
[crossfade-audience, crossfade-subject, crossfade-client, crossfade-scope]
{{- end -}}

{{/* Istio's own configuration, for the notes. */}}
{{- define "crossfade.meshConfig" -}}
meshConfig:
  extensionProviders:
    - name: {{ include "crossfade.istioProvider" . }}
      envoyExtAuthzHttp:
        service: {{ include "crossfade.address" . }}
        port: {{ (include "crossfade.plan" . | fromJson).listen }}
        timeout: {{ .Values.gateway.timeout }}
        failOpen: {{ .Values.gateway.failOpen }}
        statusOnError: "503"
        includeRequestHeadersInCheck:
          - authorization
          - dpop
          - x-forwarded-proto
          {{- include "crossfade.preflightHeaders" . | nindent 10 }}
        headersToUpstreamOnAllow: {{ include "crossfade.identityHeaders" . }}
        headersToDownstreamOnDeny: [www-authenticate, content-type, cache-control]
{{- end -}}
