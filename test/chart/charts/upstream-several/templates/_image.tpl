{{- define "image" -}}
{{ default .image.registry .global.imageRegistry }}/{{ .image.repository }}:{{ .image.tag }}
{{- end -}}
