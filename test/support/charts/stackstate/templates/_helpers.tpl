{{- define "stackstate.registry" -}}
{{- .global.imageRegistry | default .own -}}
{{- end -}}
{{- define "stackstate.server" -}}
{{- $all := .Values.stackstate.components.all.image -}}
{{ include "stackstate.registry" (dict "global" .Values.global "own" $all.registry) }}/{{ .image.repository }}{{ $all.repositorySuffix }}:{{ $all.tag }}
{{- end -}}
{{- define "stackstate.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}
