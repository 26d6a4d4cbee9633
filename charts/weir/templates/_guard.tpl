{{- /*
The guard as ValidatingAdmissionPolicies: what the webhook says (webhook/admission/guard), for when it is away. A test holds
the lists below to those of webhook/admission/guard/lists.ts.
*/ -}}

{{- define "weir.guard.lists" -}}
pod: [activeDeadlineSeconds, affinity, automountServiceAccountToken, containers, dnsConfig, dnsPolicy, enableServiceLinks,
  ephemeralContainers, hostAliases, hostIPC, hostNetwork, hostPID, hostname, hostnameOverride, imagePullSecrets, initContainers,
  nodeName, nodeSelector, os, overhead, preemptionPolicy, priority, priorityClassName, readinessGates, resources, restartPolicy,
  runtimeClassName, schedulerName, schedulingGates, schedulingGroup, securityContext, serviceAccount, serviceAccountName,
  setHostnameAsFQDN, shareProcessNamespace, subdomain, terminationGracePeriodSeconds, tolerations, topologySpreadConstraints,
  volumes, workloadRef]
container: [args, command, env, envFrom, image, imagePullPolicy, lifecycle, livenessProbe, name, ports, readinessProbe,
  resizePolicy, resources, restartPolicy, restartPolicyRules, securityContext, startupProbe, stdin, stdinOnce,
  targetContainerName, terminationMessagePath, terminationMessagePolicy, tty, volumeMounts, workingDir]
podSecurity: [appArmorProfile, fsGroup, fsGroupChangePolicy, runAsGroup, runAsNonRoot, runAsUser, seLinuxChangePolicy,
  seLinuxOptions, seccompProfile, supplementalGroups, supplementalGroupsPolicy, sysctls]
containerSecurity: [allowPrivilegeEscalation, appArmorProfile, capabilities, privileged, procMount, readOnlyRootFilesystem,
  runAsGroup, runAsNonRoot, runAsUser, seLinuxOptions, seccompProfile]
capabilities: [AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP,
  SETUID, SYS_CHROOT]
seLinuxTypes: ["", container_engine_t, container_init_t, container_kvm_t, container_t]
# Only what guard.allowedFields adds.
none: []
profiles: [RuntimeDefault, Localhost]
volumes: [configMap, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret]
projected: [clusterTrustBundle, configMap, downwardAPI, secret, serviceAccountToken]
mount: [mountPath, mountPropagation, name, readOnly, recursiveReadOnly, subPath, subPathExpr]
probe: [exec, failureThreshold, initialDelaySeconds, periodSeconds, successThreshold, terminationGracePeriodSeconds,
  timeoutSeconds]
lifecycle: [postStart, preStop, stopSignal]
handler: [exec, sleep]
port: [containerPort, hostIP, hostPort, name, protocol]
resources: [limits, requests]
resourceNames: [cpu, ephemeral-storage, memory]
dns: [nameservers, options, searches]
runtimeAnnotations: [cdi.k8s.io/, dev.gvisor., devices.nri.io/, io.katacontainers., io.kubernetes.cri-o., io.kubernetes.cri.,
  run.oci.]
ownAnnotations: [weir.dev/injected, weir.dev/kept-env, weir.dev/policy-at-admission]
bindingLabels: [topology.k8s.io/, topology.kubernetes.io/]
cleaningUsers: ["system:serviceaccount:kube-system:generic-garbage-collector",
  "system:serviceaccount:kube-system:namespace-controller"]
{{- end }}

{{- /* webhook/admission/bounds.ts */ -}}
{{- define "weir.guard.bounds" -}}
parts: 1000
entries: 10000
{{- end }}

{{- /* (list context name prefix): a list as CEL, with what guard.allowedFields adds to it under that prefix. */ -}}
{{- define "weir.guard.list" -}}
{{- $prefix := printf "%s." (index . 2) }}
{{- $names := index (include "weir.guard.lists" . | fromYaml) (index . 1) }}
{{- range (first .).Values.guard.allowedFields }}
{{- if hasPrefix $prefix . }}{{ $names = append $names (trimPrefix $prefix .) }}{{ end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{- /* The user of the control plane. */ -}}
{{- define "weir.guard.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:weir
{{- end }}

{{- define "weir.guard.metadata" -}}
name: {{ .name }}
labels:
  {{- include "weir.labels" .context | nindent 2 }}
{{- include "weir.annotations" .context }}
{{- end }}

{{- /* The binding of a policy of that name: to labelled namespaces, or to everything. */ -}}
{{- define "weir.guard.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "weir.guard.metadata" . | nindent 2 }}
spec:
  policyName: {{ .name }}
  validationActions: [Deny]
  {{- if .isNamespaced }}
  matchResources:
    namespaceSelector:
      {{- include "weir.injectedNamespaces" .context | nindent 6 }}
  {{- end }}
{{- end }}

{{- /*
(list of {name, fix, paths}): a variable for each, the paths of the fields that are wrong; one variable with the whole text;
and the validation. The API server tells the first failed validation alone, hence one for all. When the check named `first`
finds something, the others are not made.
*/ -}}
{{- define "weir.guard.checks" -}}
variables:
{{- range .variables }}
  - name: {{ .name }}
    expression: >-
      {{- .expression | nindent 6 }}
{{- end }}
{{- range .checks }}
  - name: {{ .name }}
    expression: >-
      {{- .paths | nindent 6 }}
{{- end }}
  - name: text
    expression: >-
      variables.{{ .first }}.size() > 0 ? variables.{{ .first }}.join('; ') : [
      {{- range $i, $check := .checks }}
      {{ if $i }}, {{ end }}[{{ $check.fix | toJson }}] + variables.{{ $check.name }}
      {{- end }}
      ].filter(r, r.size() > 1).map(r, r.filter(p, p != r[0]).join(', ') + ': ' + r[0]).join('; ')
validations:
  - expression: variables.text == ''
    messageExpression: >-
      variables.text.size() > 4000 ? variables.text.substring(0, 4000) + ' ...' : variables.text
    message: the guard refuses it
    reason: Forbidden
{{- end }}
