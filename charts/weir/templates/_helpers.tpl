{{- /* Names are fixed: one installation serves a cluster, since the namespace label and the definitions are the cluster's. */ -}}

{{- define "weir.selectorLabels" -}}
app.kubernetes.io/name: weir
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control-plane
{{- end }}

{{- /* On everything. commonLabels add to them, and change none: the selectors above are among them. */ -}}
{{- define "weir.labels" -}}
{{- include "weir.labelsAnd" (list . dict) }}
{{- end }}

{{- /* (list context labels): the same with labels of this one object. The first that names a label wins. */ -}}
{{- define "weir.labelsAnd" -}}
{{- $context := first . }}
{{- with $context -}}
{{- $ours := dict
  "app.kubernetes.io/name" "weir"
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" (.Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "-_.")
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "weir"
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimAll "-_.")
}}
{{- toYaml (merge $ours (last $) .Values.commonLabels) }}
{{- end }}
{{- end }}

{{- define "weir.annotations" -}}
{{- include "weir.annotationsAnd" (list . dict) }}
{{- end }}

{{- /* (list context annotations) */ -}}
{{- define "weir.annotationsAnd" -}}
{{- with merge (dict) (last .) (first .).Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* Who writes caBundle: the control plane, or cert-manager's cainjector. */ -}}
{{- define "weir.webhookAnnotations" -}}
{{- $own := dict }}
{{- if eq .Values.certificates.mode "CertManager" }}
{{- $own = dict "cert-manager.io/inject-ca-from" (printf "%s/weir" .Release.Namespace) }}
{{- end }}
{{- include "weir.annotationsAnd" (list . $own) }}
{{- end }}

{{- /* The image of the control plane and of every injected container. A digest says more than a tag. */ -}}
{{- define "weir.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{- define "weir.isCriticalClass" -}}
{{- if has .Values.priorityClassName (list "system-cluster-critical" "system-node-critical") }}true{{ end }}
{{- end }}

{{- /*
One entry's clientConfig. No caBundle and no path, which is a secret: the control plane applies them at run time, and what is not
written here an upgrade leaves alone.
*/ -}}
{{- define "weir.clientConfig" -}}
service:
  name: weir
  namespace: {{ .Release.Namespace }}
  port: 443
{{- end }}

{{- define "weir.injectedNamespaces" -}}
matchLabels:
  weir.dev/inject: enabled
matchExpressions:
  # The control plane does not wait for itself.
  - {key: kubernetes.io/metadata.name, operator: NotIn, values: [{{ .Release.Namespace | quote }}]}
{{- end }}

{{- /* Requests and limits for the settings file, where every quantity is a string. */ -}}
{{- define "weir.resources" -}}
{{- $parts := dict }}
{{- range $part, $quantities := . }}
{{- $texts := dict }}
{{- range $name, $quantity := $quantities }}
{{- $_ := set $texts $name (toString $quantity) }}
{{- end }}
{{- $_ := set $parts $part $texts }}
{{- end }}
{{- toYaml $parts }}
{{- end }}
