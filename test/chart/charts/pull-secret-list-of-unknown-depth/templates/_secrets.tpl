{{- define "secrets" -}}
{{- range .Values.imagePullSecrets }}
        - name: {{ .name }}
{{- end }}
{{- end -}}
