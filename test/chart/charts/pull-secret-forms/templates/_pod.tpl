{{- define "pod" }}
apiVersion: v1
kind: Pod
metadata: { name: {{ .name }} }
spec:
  containers: [{ name: c, image: {{ .root.Values.image | quote }} }]
{{- end }}
