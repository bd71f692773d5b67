{{- define "image" -}}
{{- $registry := default .image.registry ((.global).imageRegistry) -}}
{{- if .image.digest }}{{ $registry }}/{{ .image.repository }}@{{ .image.digest }}{{ else }}{{ $registry }}/{{ .image.repository }}:{{ .image.tag }}{{ end -}}
{{- end -}}
