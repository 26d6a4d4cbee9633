{{- /* What the guard looks at in a pod: variables first, then the checks, each with the fix that it tells. */ -}}

{{- define "weir.guard.podVariables" -}}
- name: spec
  expression: dyn(object.spec)
- name: inits
  expression: variables.spec.?initContainers.orValue([])
- name: isInjected
  expression: >-
    variables.inits.size() > 1 && variables.inits[0].name == 'weir-init' && variables.inits[1].name == 'weir'
# All but ours; a name of ours counts among the init containers alone.
- name: lasting
  expression: >-
    variables.inits.filter(c, c.name != 'weir' && c.name != 'weir-init').map(c, {'path': dyn('spec.initContainers{' + c.name + '}'), 'c': dyn(c)})
    + variables.spec.containers.map(c, {'path': dyn('spec.containers{' + c.name + '}'), 'c': dyn(c)})
- name: ephemeral
  expression: >-
    variables.spec.?ephemeralContainers.orValue([]).map(c, {'path': dyn('spec.ephemeralContainers{' + c.name + '}'), 'c': dyn(c)})
- name: app
  expression: variables.lasting + variables.ephemeral
- name: volumes
  expression: variables.spec.?volumes.orValue([])
- name: own
  expression: variables.volumes.filter(v, v.name != 'weir' && !v.name.startsWith('weir-'))
- name: reserved
  expression: variables.volumes.filter(v, v.name == 'weir' || v.name.startsWith('weir-'))
- name: secrets
  expression: variables.reserved.filter(v, v.name.startsWith('weir-secret-'))
- name: known
  expression: variables.secrets.map(v, v.?secret.?secretName.orValue(''))
- name: sidecarEnv
  expression: >-
    (variables.isInjected ? variables.inits[1].?env.orValue([]) : [])
    .filter(e, !(e.name == 'WEIR_METRICS_PORT' && e.?value.orValue('').matches('^[0-9]{4,5}$')))
- name: held
  expression: >-
    variables.sidecarEnv.filter(e, e.name == 'WEIR_HELD_SECRETS').map(e, e.?value.orValue('')).join(',').split(',')
# The ServiceAccount's volume may be mounted in ours, also late, by its plugin.
- name: accountVolumes
  expression: variables.own.filter(v, has(v.projected)).map(v, v.name)
- name: sidecarMounts
  expression: >-
    (variables.isInjected ? variables.inits[1].?volumeMounts.orValue([]) : []).filter(m, !(m.name in variables.accountVolumes
    && m == {'name': m.name, 'mountPath': dyn('/var/run/secrets/kubernetes.io/serviceaccount'), 'readOnly': dyn(true)}))
- name: oldEphemeral
  expression: >-
    request.operation == 'CREATE' ? [] : oldObject.spec.?ephemeralContainers.orValue([]).map(c, c.name)
# By the status of Weir's own: the rules are written, and the sidecar runs.
- name: isGuarding
  expression: >-
    request.operation == 'CREATE' || (
    oldObject.?status.?initContainerStatuses.orValue([]).exists(s, s.name == 'weir-init' && s.?state.?terminated.?exitCode.orValue(1) == 0)
    && oldObject.?status.?initContainerStatuses.orValue([]).exists(s, s.name == 'weir' && s.?started.orValue(false)))
- name: listed
  expression: >-
    variables.spec.?dnsConfig.?nameservers.orValue([]).all(n, n in {{ toJson (.Values.guard.allowedNameservers | default list) }})
- name: allContainers
  expression: >-
    variables.inits + variables.spec.containers + variables.spec.?ephemeralContainers.orValue([])
- name: parts
  expression: variables.allContainers.size() + variables.volumes.size()
- name: entries
  expression: >-
    variables.allContainers.map(c, c.?env.orValue([]).size() + c.?envFrom.orValue([]).size() + c.?ports.orValue([]).size() + c.?volumeMounts.orValue([]).size()).sum()
    + variables.volumes.map(v, v.?projected.?sources.orValue([]).size()).sum()
{{- $bounds := include "weir.guard.bounds" . | fromYaml }}
# Before anything else, and told alone.
- name: beyond
  expression: >-
    variables.parts > {{ $bounds.parts }} ? ['spec: has ' + string(variables.parts) + ' containers and volumes, and {{ $bounds.parts }} is the most; split the pod']
    : variables.entries > {{ $bounds.entries }} ? ['spec: has ' + string(variables.entries) + ' variables, mounts, ports and sources, and {{ $bounds.entries }} is the most; split the pod']
    : []
- name: annotations
  expression: object.metadata.?annotations.orValue({})
- name: labels
  expression: object.metadata.?labels.orValue({})
{{- end }}

{{- define "weir.guard.podChecks" -}}
{{- $unknown := "is not a field that Weir knows to be harmless; remove it, or let the platform team judge it and list it in guard.allowedFields" }}
{{- $injected := "is not as Weir injects it; leave Weir out of the manifest, or remove what changes it (another webhook?)" }}
{{- $repositories := list }}
{{- range prepend (.Values.guard.formerRepositories | default list) .Values.image.repository }}
{{- $repositories = append $repositories (regexQuoteMeta .) }}
{{- end }}
{{- $image := printf "^(%s)(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$" (join "|" $repositories) }}
{{- $confined := list "seccompProfile" "appArmorProfile" | toJson }}
- name: mirror
  fix: is a pod of the node's own files, which no webhook can inject; use a namespace without the label
  paths: >-
    variables.annotations.filter(k, k == 'kubernetes.io/config.mirror').map(k, 'metadata.annotations{' + k + '}')
- name: marks
  fix: is missing, so the pod is not injected, or another webhook removed it
  paths: >-
    request.operation != 'CREATE' ? [] : (variables.labels[?'weir.dev/injected'].orValue('') == 'true' ? [] : ['metadata.labels{weir.dev/injected}'])
    + (variables.annotations[?'weir.dev/injected'].orValue('') == '1' ? [] : ['metadata.annotations{weir.dev/injected}'])
- name: foreignMarks
  fix: keys that begin with weir.dev/ are Weir's; remove it
  paths: >-
    variables.labels.filter(k, k.startsWith('weir.dev/') && k != 'weir.dev/injected').map(k, 'metadata.labels{' + k + '}')
    + variables.annotations.filter(k, k.startsWith('weir.dev/') && !(k in {{ include "weir.guard.list" (list . "ownAnnotations" "-") }})).map(k, 'metadata.annotations{' + k + '}')
- name: unconfining
  fix: gives devices or takes confinement away; remove it
  paths: >-
    variables.annotations.filter(k, {{ include "weir.guard.list" (list . "runtimeAnnotations" "-") }}.exists(p, k.startsWith(p))
    || (k.startsWith('container.apparmor.security.beta.kubernetes.io/') && !variables.annotations[k].matches('^(runtime/default|localhost/.+)$')))
    .map(k, 'metadata.annotations{' + k + '}')
- name: hostNamespaces
  fix: must not be true in a guarded namespace; remove it
  paths: >-
    ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'].filter(k, variables.spec[?k].orValue(false) == true).map(k, 'spec.' + k)
- name: podFields
  fix: {{ $unknown }}
  paths: >-
    variables.spec.filter(k, !(k in {{ include "weir.guard.list" (list . "pod" "spec") }}) && !(k == 'hostUsers' && variables.spec.hostUsers == true)).map(k, 'spec.' + k)
- name: os
  fix: must be linux; run it in a namespace without the label
  paths: >-
    variables.spec.?os.?name.orValue('linux') == 'linux' ? [] : ['spec.os.name']
- name: runtimeClass
  fix: is not an allowed RuntimeClass; remove it, or ask for it in guard.allowedRuntimeClasses
  paths: >-
    !has(variables.spec.runtimeClassName) || variables.spec.runtimeClassName in {{ toJson (.Values.guard.allowedRuntimeClasses | default list) }} ? [] : ['spec.runtimeClassName']
- name: resources
  fix: is a device of the node and may be a way out; remove it, or let the platform team judge it and list it in guard.allowedFields
  paths: >-
    (variables.app + variables.inits.filter(c, c.name == 'weir' || c.name == 'weir-init').map(c, {'path': dyn('spec.initContainers{' + c.name + '}'), 'c': dyn(c)}))
    .map(a, a.c.?resources.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "resources" "spec.containers.resources") }})).map(k, a.path + '.resources.' + k).join(', '))
    .filter(s, s != '')
    + ['limits', 'requests'].map(kind, (variables.app + variables.inits.filter(c, c.name == 'weir' || c.name == 'weir-init').map(c, {'path': dyn('spec.initContainers{' + c.name + '}'), 'c': dyn(c)}))
    .map(a, a.c.?resources[?kind].orValue({}).filter(k, !k.startsWith('hugepages-') && !(k in {{ include "weir.guard.list" (list . "resourceNames" "spec.containers.resources.limits") }}) && !(k in {{ include "weir.guard.list" (list . "resourceNames" "spec.containers.resources.requests") }}))
    .map(k, a.path + '.resources.' + kind + '.' + k).join(', ')).filter(s, s != '').join(', ')).filter(s, s != '')
- name: podResources
  fix: is a device of the node and may be a way out; remove it
  paths: >-
    variables.spec.?resources.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "resources" "spec.resources") }})).map(k, 'spec.resources.' + k)
    + ['limits', 'requests'].map(kind, variables.spec.?resources[?kind].orValue({}).filter(k, !k.startsWith('hugepages-') && !(k in {{ include "weir.guard.list" (list . "resourceNames" "-") }}))
    .map(k, 'spec.resources.' + kind + '.' + k).join(', ')).filter(s, s != '')
- name: podSecurity
  fix: {{ $unknown }}
  paths: >-
    variables.spec.?securityContext.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "podSecurity" "spec.securityContext") }})).map(k, 'spec.securityContext.' + k)
- name: noSeccomp
  fix: must be set, since Kubernetes confines nothing without it; set type RuntimeDefault (injection does)
  paths: >-
    has(variables.spec.securityContext) && has(variables.spec.securityContext.seccompProfile) ? [] : ['spec.securityContext.seccompProfile']
- name: profiles
  fix: must be RuntimeDefault or Localhost
  paths: >-
    {{ $confined }}.filter(f, !(variables.spec.?securityContext[?f].?type.orValue('RuntimeDefault') in {{ include "weir.guard.list" (list . "profiles" "-") }})).map(f, 'spec.securityContext.' + f + '.type')
    + {{ $confined }}.map(f, variables.app.filter(a, !(a.c.?securityContext[?f].?type.orValue('RuntimeDefault') in {{ include "weir.guard.list" (list . "profiles" "-") }})).map(a, a.path + '.securityContext.' + f + '.type').join(', ')).filter(s, s != '')
- name: seLinux
  fix: must be a container's type, without user and role; remove it
  paths: >-
    ([{'path': dyn('spec'), 'c': dyn({'securityContext': variables.spec.?securityContext.orValue({})})}] + variables.app)
    .filter(a, has(a.c.securityContext) && has(a.c.securityContext.seLinuxOptions) && (
    !(a.c.securityContext.seLinuxOptions.?type.orValue('') in {{ include "weir.guard.list" (list . "seLinuxTypes" "-") }})
    || a.c.securityContext.seLinuxOptions.?user.orValue('') != '' || a.c.securityContext.seLinuxOptions.?role.orValue('') != ''))
    .map(a, a.path + '.securityContext.seLinuxOptions')
- name: resolver
  fix: would choose what the hosts of rules mean; leave the DNS of the cluster, or ask for the address in guard.allowedNameservers
  paths: >-
    (variables.spec.?dnsPolicy.orValue('') == 'None' && !(variables.listed && variables.spec.?dnsConfig.?nameservers.orValue([]).size() > 0) ? ['spec.dnsPolicy'] : [])
    + (variables.listed ? [] : ['spec.dnsConfig.nameservers'])
# Kubernetes lets a line feed through, which would begin another line of resolv.conf.
- name: resolverOptions
  fix: becomes words of a line of resolv.conf; use letters, digits and ._:- alone
  paths: >-
    variables.spec.?dnsConfig.?options.orValue([]).all(o, (o.?name.orValue('') + o.?value.orValue('')).matches('^[A-Za-z0-9_.:-]*$')) ? [] : ['spec.dnsConfig.options']
- name: resolverFields
  fix: {{ $unknown }}
  paths: >-
    variables.spec.?dnsConfig.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "dns" "spec.dnsConfig") }})).map(k, 'spec.dnsConfig.' + k)
- name: sysctls
  fix: is not a sysctl that the platform allows; remove it, or ask for it in guard.allowedSysctls
  paths: >-
    variables.spec.?securityContext.?sysctls.orValue([]).filter(s, !(s.name in {{ toJson (.Values.guard.allowedSysctls | default list) }})).map(s, 'spec.securityContext.sysctls{' + s.name + '}')
- name: names
  fix: the name is reserved for Weir (weir and weir-*); choose another
  paths: >-
    variables.app.filter(a, a.c.name == 'weir' || a.c.name.startsWith('weir-')).map(a, a.path + '.name')
- name: early
  fix: would start before weir does, since it waits for no init container; add it when weir has started
  paths: >-
    variables.isGuarding ? [] : variables.ephemeral.filter(a, !(a.c.name in variables.oldEphemeral)).map(a, string(a.path))
- name: targets
  fix: must not be a container of Weir's; name a container of the build
  paths: >-
    variables.ephemeral.filter(a, a.c.?targetContainerName.orValue('') in ['weir', 'weir-init']).map(a, a.path + '.targetContainerName')
- name: containerFields
  fix: {{ $unknown }}
  paths: >-
    variables.app.map(a, a.c.filter(k, !(k in {{ include "weir.guard.list" (list . "container" "spec.containers") }})).map(k, a.path + '.' + k).join(', ')).filter(s, s != '')
    + variables.app.map(a, a.c.?securityContext.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "containerSecurity" "spec.containers.securityContext") }})).map(k, a.path + '.securityContext.' + k).join(', ')).filter(s, s != '')
    + variables.app.map(a, a.c.?securityContext.?capabilities.orValue({}).filter(k, !(k in ['add', 'drop'])).map(k, a.path + '.securityContext.capabilities.' + k).join(', ')).filter(s, s != '')
- name: privileged
  fix: must not be true; remove it (a build without root needs no more)
  paths: >-
    variables.app.filter(a, a.c.?securityContext.?privileged.orValue(false) == true).map(a, a.path + '.securityContext.privileged')
- name: procMount
  fix: must be Default; remove it
  paths: >-
    variables.app.filter(a, a.c.?securityContext.?procMount.orValue('Default') != 'Default').map(a, a.path + '.securityContext.procMount')
- name: added
  fix: only {{ include "weir.guard.list" (list . "capabilities" "-") | fromJsonArray | join ", " }} may be added
  paths: >-
    variables.app.filter(a, a.c.?securityContext.?capabilities.?add.orValue([]).exists(n, !(n in {{ include "weir.guard.list" (list . "capabilities" "-") }}))).map(a, a.path + '.securityContext.capabilities.add')
- name: dropped
  fix: must hold NET_RAW or ALL; add NET_RAW (injection does)
  paths: >-
    variables.app.filter(a, !a.c.?securityContext.?capabilities.?drop.orValue([]).exists(n, n == 'NET_RAW' || n == 'ALL')).map(a, a.path + '.securityContext.capabilities.drop')
- name: probes
  fix: needs a connection to the container, and those from outside are closed; use exec
  paths: >-
    ['livenessProbe', 'readinessProbe', 'startupProbe'].map(p, variables.app.map(a, a.c[?p].orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "probe" "-") }})).map(k, a.path + '.' + p + '.' + k).join(', ')).filter(s, s != '').join(', ')).filter(s, s != '')
    + ['postStart', 'preStop'].map(p, variables.app.map(a, a.c.?lifecycle[?p].orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "handler" "-") }})).map(k, a.path + '.lifecycle.' + p + '.' + k).join(', ')).filter(s, s != '').join(', ')).filter(s, s != '')
- name: lifecycle
  fix: {{ $unknown }}
  paths: >-
    variables.app.map(a, a.c.?lifecycle.orValue({}).filter(k, !(k in {{ include "weir.guard.list" (list . "lifecycle" "spec.containers.lifecycle") }})).map(k, a.path + '.lifecycle.' + k).join(', ')).filter(s, s != '')
- name: ports
  fix: opens a port of the node, and connections from outside are closed; remove it
  paths: >-
    variables.app.map(a, a.c.?ports.orValue([]).filter(p, p.?hostPort.orValue(0) != 0).map(p, a.path + '.ports{' + string(p.containerPort) + '}.hostPort').join(', ')).filter(s, s != '')
- name: portFields
  fix: {{ $unknown }}
  paths: >-
    variables.app.map(a, a.c.?ports.orValue([]).filter(p, p.exists(k, !(k in {{ include "weir.guard.list" (list . "port" "spec.containers.ports") }}))).map(p, a.path + '.ports{' + string(p.containerPort) + '}').join(', ')).filter(s, s != '')
- name: devices
  fix: must not be used; mount the claim with volumeMode Filesystem
  paths: >-
    variables.app.filter(a, a.c.?volumeDevices.orValue([]).size() > 0).map(a, a.path + '.volumeDevices')
- name: volumeKinds
  fix: is not a kind of volume that a guarded pod may have; use one of {{ include "weir.guard.list" (list . "volumes" "-") | fromJsonArray | join ", " }}
  paths: >-
    variables.own.map(v, v.filter(k, k != 'name' && !(k in {{ include "weir.guard.list" (list . "volumes" "spec.volumes") }})).map(k, 'spec.volumes{' + v.name + '}.' + k).join(', ')).filter(s, s != '')
- name: projected
  fix: is not a source that a guarded pod may have; use one of {{ include "weir.guard.list" (list . "projected" "-") | fromJsonArray | join ", " }}
  paths: >-
    variables.own.filter(v, v.?projected.?sources.orValue([]).exists(s, s.exists(k, !(k in {{ include "weir.guard.list" (list . "projected" "spec.volumes.projected.sources") }})))).map(v, 'spec.volumes{' + v.name + '}.projected.sources')
- name: audience
  fix: weir.dev is the sidecar's own audience; ask for another
  paths: >-
    variables.own.filter(v, v.?projected.?sources.orValue([]).exists(s, s.?serviceAccountToken.?audience.orValue('') == 'weir.dev')).map(v, 'spec.volumes{' + v.name + '}.projected.sources.serviceAccountToken.audience')
- name: mountFields
  fix: {{ $unknown }}
  paths: >-
    variables.app.map(a, a.c.?volumeMounts.orValue([]).map(m, m.filter(k, !(k in {{ include "weir.guard.list" (list . "mount" "spec.containers.volumeMounts") }})).map(k, a.path + '.volumeMounts{' + m.mountPath + '}.' + k).join(', ')).filter(s, s != '').join(', ')).filter(s, s != '')
- name: propagation
  fix: must be None; remove it
  paths: >-
    variables.app.map(a, a.c.?volumeMounts.orValue([]).filter(m, m.?mountPropagation.orValue('None') != 'None').map(m, a.path + '.volumeMounts{' + m.mountPath + '}.mountPropagation').join(', ')).filter(s, s != '')
- name: overTrust
  fix: /etc/weir/trust is where Weir puts its authority; mount it elsewhere
  paths: >-
    variables.app.map(a, a.c.?volumeMounts.orValue([]).filter(m, !m.name.startsWith('weir-') && m.mountPath.matches('^/+etc/+weir/+trust(/|$)')).map(m, a.path + '.volumeMounts{' + m.mountPath + '}').join(', ')).filter(s, s != '')
- name: oursMounted
  fix: a volume of Weir's may be mounted only as injection does, readOnly and whole; remove the mount
  paths: >-
    variables.app.map(a, a.c.?volumeMounts.orValue([]).filter(m, (m.name == 'weir' || m.name.startsWith('weir-')) && !(
    (m.name == 'weir-masked' || (m.name == 'weir-trust' && m.mountPath == '/etc/weir/trust'))
    && m.?readOnly.orValue(false) == true && m.?subPath.orValue('') == '' && m.?subPathExpr.orValue('') == ''))
    .map(m, a.path + '.volumeMounts{' + m.mountPath + '}').join(', ')).filter(s, s != '')
- name: order
  fix: must begin with weir-init and weir; the pod is not injected, or another webhook put itself in front, and it cannot run in this namespace without them
  paths: >-
    variables.isInjected ? [] : ['spec.initContainers']
- name: initShape
  fix: {{ $injected }}
  paths: >-
    !variables.isInjected ? [] :
    variables.inits[0].filter(k, !(k in ['name', 'image', 'imagePullPolicy', 'command', 'env', 'resources', 'securityContext', 'terminationMessagePath', 'terminationMessagePolicy', 'volumeMounts'] + {{ include "weir.guard.list" (list . "none" "spec.containers") }})).map(k, 'spec.initContainers{weir-init}.' + k)
    + (variables.inits[0].image.matches({{ $image | toJson }}) ? [] : ['spec.initContainers{weir-init}.image'])
    + (variables.inits[0].?command.orValue([]) == ['/usr/bin/node', '--disable-sigusr1', '/weir/netfilter.mjs'] ? [] : ['spec.initContainers{weir-init}.command'])
    + (variables.inits[0].?env.orValue([]).all(e, e.name == 'WEIR_METRICS_PORT' && e.?value.orValue('').matches('^[0-9]{4,5}$')) ? [] : ['spec.initContainers{weir-init}.env'])
    + (variables.inits[0].?terminationMessagePath.orValue('') == '/dev/termination-log' ? [] : ['spec.initContainers{weir-init}.terminationMessagePath'])
    + (variables.inits[0].?terminationMessagePolicy.orValue('') == 'File' ? [] : ['spec.initContainers{weir-init}.terminationMessagePolicy'])
    + (variables.inits[0].?securityContext.orValue({}) == {{ include "weir.guard.ownSecurity" "NET_ADMIN" }} ? [] : ['spec.initContainers{weir-init}.securityContext'])
    + (variables.inits[0].?volumeMounts.orValue([]).all(m, m.name in variables.accountVolumes
    && m == {'name': m.name, 'mountPath': dyn('/var/run/secrets/kubernetes.io/serviceaccount'), 'readOnly': dyn(true)}) ? [] : ['spec.initContainers{weir-init}.volumeMounts'])
- name: sidecarShape
  fix: {{ $injected }}
  paths: >-
    !variables.isInjected ? [] :
    variables.inits[1].filter(k, !(k in ['name', 'image', 'imagePullPolicy', 'command', 'env', 'lifecycle', 'resources', 'restartPolicy', 'securityContext', 'terminationMessagePath', 'terminationMessagePolicy', 'volumeMounts'] + {{ include "weir.guard.list" (list . "none" "spec.containers") }})).map(k, 'spec.initContainers{weir}.' + k)
    + (variables.inits[1].image.matches({{ $image | toJson }}) ? [] : ['spec.initContainers{weir}.image'])
    + (variables.inits[1].?command.orValue([]) == ['/usr/bin/node', '--disable-sigusr1', '/weir/sidecar.mjs'] ? [] : ['spec.initContainers{weir}.command'])
    + (variables.inits[1].?restartPolicy.orValue('') == 'Always' ? [] : ['spec.initContainers{weir}.restartPolicy'])
    + (variables.inits[1].?terminationMessagePath.orValue('') == '/dev/termination-log' ? [] : ['spec.initContainers{weir}.terminationMessagePath'])
    + (variables.inits[1].?terminationMessagePolicy.orValue('') == 'File' ? [] : ['spec.initContainers{weir}.terminationMessagePolicy'])
    + (variables.inits[1].?securityContext.orValue({}) == {{ include "weir.guard.ownSecurity" "NET_RAW" }} ? [] : ['spec.initContainers{weir}.securityContext'])
    + (variables.inits[1].?lifecycle.orValue({}) == {'postStart': dyn({'exec': {'command': ['/usr/bin/node', '/weir/ready.mjs']}})} ? [] : ['spec.initContainers{weir}.lifecycle'])
- name: sidecarEnvironment
  fix: {{ $injected }}
  paths: >-
    !variables.isInjected || (variables.sidecarEnv.filter(e, !(e.name in ['WEIR_CONTROL_PLANE', 'WEIR_HELD_SECRETS'])) == [
    {'name': dyn('WEIR_CONTROL_NAME'), 'value': dyn('weir.{{ .Release.Namespace }}.svc')},
    {'name': dyn('WEIR_STATE_DIR'), 'value': dyn('/var/lib/weir')},
    {'name': dyn('WEIR_TRUST_DIR'), 'value': dyn('/etc/weir/trust')},
    {'name': dyn('WEIR_SECRETS_DIR'), 'value': dyn('/run/weir/secrets')},
    {'name': dyn('WEIR_CONTROL_DIR'), 'value': dyn('/run/weir/control')},
    {'name': dyn('WEIR_POD_NAME'), 'valueFrom': dyn({'fieldRef': {'apiVersion': 'v1', 'fieldPath': 'metadata.name'}})},
    {'name': dyn('WEIR_POD_NAMESPACE'), 'valueFrom': dyn({'fieldRef': {'apiVersion': 'v1', 'fieldPath': 'metadata.namespace'}})},
    {'name': dyn('WEIR_POD_UID'), 'valueFrom': dyn({'fieldRef': {'apiVersion': 'v1', 'fieldPath': 'metadata.uid'}})}]
    && variables.sidecarEnv.exists_one(e, e.name == 'WEIR_CONTROL_PLANE')
    && variables.sidecarEnv.exists_one(e, e.name == 'WEIR_CONTROL_PLANE' && e.?value.orValue('').matches('^https://([0-9.]+|\\[[0-9a-f:.]+\\]):443$'))
    && variables.sidecarEnv.exists_one(e, e.name == 'WEIR_HELD_SECRETS')
    && variables.sidecarEnv.exists_one(e, e.name == 'WEIR_HELD_SECRETS' && !has(e.valueFrom))
    && variables.held.all(n, n == '' || n in variables.known)) ? [] : ['spec.initContainers{weir}.env']
- name: sidecarMounting
  fix: {{ $injected }}
  paths: >-
    !variables.isInjected || (variables.sidecarMounts.filter(m, !m.name.startsWith('weir-secret-')) == [
    {'name': dyn('weir-state'), 'mountPath': dyn('/var/lib/weir')},
    {'name': dyn('weir-trust'), 'mountPath': dyn('/etc/weir/trust')},
    {'name': dyn('weir-control'), 'mountPath': dyn('/run/weir/control'), 'readOnly': dyn(true)}]
    && variables.secrets.all(v, variables.sidecarMounts.exists_one(m, m == {'name': v.name, 'mountPath': dyn('/run/weir/secrets/' + v.?secret.?secretName.orValue('')), 'readOnly': dyn(true)}))
    && variables.sidecarMounts.size() == 3 + variables.secrets.size()) ? [] : ['spec.initContainers{weir}.volumeMounts']
- name: ourVolumes
  fix: {{ $injected }}
  paths: >-
    !variables.isInjected ? [] : ['weir-state', 'weir-trust', 'weir-control'].filter(n, !variables.reserved.exists(v, v.name == n)).map(n, 'spec.volumes{' + n + '}')
    + variables.reserved.filter(v, !(v.name.startsWith('weir-secret-')
    ? v.name.matches('^weir-secret-(0|[1-9][0-9]?)$') && v.?secret.?secretName.orValue('').matches('^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$')
    && v == {'name': v.name, 'secret': dyn({'secretName': dyn(v.?secret.?secretName.orValue('')), 'optional': dyn(true), 'defaultMode': dyn(256)})}
    : v in [
    {'name': dyn('weir-state'), 'emptyDir': dyn({'medium': 'Memory', 'sizeLimit': '64Mi'})},
    {'name': dyn('weir-trust'), 'emptyDir': dyn({'medium': 'Memory', 'sizeLimit': '4Mi'})},
    {'name': dyn('weir-masked'), 'emptyDir': dyn({'medium': 'Memory', 'sizeLimit': '64Ki'})},
    {'name': dyn('weir-control'), 'projected': dyn({'defaultMode': dyn(256), 'sources': dyn([
    {'serviceAccountToken': dyn({'audience': dyn('weir.dev'), 'expirationSeconds': dyn(3600), 'path': dyn('token')})},
    {'configMap': dyn({'name': dyn('weir-ca'), 'items': dyn([{'key': 'ca.crt', 'path': 'ca.crt'}])})}])})},
    {'name': dyn('weir-control'), 'projected': dyn({'defaultMode': dyn(256), 'sources': dyn([
    {'serviceAccountToken': dyn({'audience': dyn('weir.dev'), 'expirationSeconds': dyn(3600), 'path': dyn('token')})},
    {'configMap': dyn({'name': dyn('weir-ca'), 'items': dyn([{'key': 'ca.crt', 'path': 'ca.crt'}, {'key': 'upstream-ca.crt', 'path': 'upstream-ca.crt'}])})}])})}]
    )).map(v, 'spec.volumes{' + v.name + '}')
- name: unwatched
  fix: the sidecar must know every Secret of the pod, which injection sees to when the pod is made; leave Weir out of the manifest (an ephemeral container can have no other Secret than the pod)
  paths: >-
    !variables.isInjected ? [] : variables.app.filter(a,
    a.c.?env.orValue([]).exists(e, e.?valueFrom.?secretKeyRef.?name.hasValue() && !(e.valueFrom.secretKeyRef.name in variables.held))
    || a.c.?envFrom.orValue([]).exists(e, e.?secretRef.?name.hasValue() && !(e.secretRef.name in variables.held))).map(a, a.path + '.env')
    + variables.own.filter(v, (has(v.secret) && !(v.secret.secretName in variables.held))
    || v.?projected.?sources.orValue([]).exists(s, has(s.secret) && !(s.secret.name in variables.held))).map(v, 'spec.volumes{' + v.name + '}')
    + variables.spec.?imagePullSecrets.orValue([]).filter(p, p.?name.orValue('') != '' && !(p.name in variables.known)).map(p, 'spec.imagePullSecrets{' + p.name + '}')
{{- end }}

{{- /* The security context of a container of ours, as CEL. */ -}}
{{- define "weir.guard.ownSecurity" -}}
{'allowPrivilegeEscalation': dyn(false), 'capabilities': dyn({'add': ['{{ . }}'], 'drop': ['ALL']}), 'privileged': dyn(false), 'readOnlyRootFilesystem': dyn(true), 'runAsGroup': dyn(0), 'runAsNonRoot': dyn(false), 'runAsUser': dyn(0), 'seccompProfile': dyn({'type': 'RuntimeDefault'})}
{{- end }}
