// Made by crds/generate.ts; do not edit.
import type { Kind } from './kinds.ts';
import type { JsonSchema } from './schema.ts';

export const SCHEMAS: Readonly<Record<Kind, JsonSchema>> = {
  "EgressPolicy": {
    "title": "EgressPolicy",
    "description": "Where the selected pods of the namespace may talk, and what may be in what they say. All policies that select a pod apply together: rules add up, limits and content rules take the strictest. What no rule allows is denied, and a pod that no policy selects may not talk at all.",
    "type": "object",
    "required": [
      "apiVersion",
      "kind",
      "metadata",
      "spec"
    ],
    "properties": {
      "apiVersion": {
        "description": "`weir.dev/v1alpha1`, and not another version.",
        "type": "string"
      },
      "kind": {
        "description": "`EgressPolicy`, not `egresspolicy`.",
        "type": "string"
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "title": "EgressPolicySpec",
        "description": "What the policy says. `{egress: [{name: api, to: {hosts: [api.acme.dev]}}]}` allows that host, and not another.",
        "type": "object",
        "properties": {
          "podSelector": {
            "title": "PodSelector",
            "description": "The pods that the policy is for. Empty or absent: every injected pod that the policy can be for. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.",
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that must all be there, with these values. `{stage: build}` selects what is labelled `stage: build` and whatever else, not what is labelled `stage: test` or not at all.",
                "type": "object",
                "maxProperties": 32,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                },
                "x-kubernetes-validations": [
                  {
                    "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
                    "message": "a label key is a name such as stage, or a domain and a name such as acme.dev/team"
                  }
                ]
              },
              "matchExpressions": {
                "description": "Conditions on labels, which must all hold. `[{key: stage, operator: In, values: [build, test]}]` selects what is labelled `stage: build` or `stage: test`, not what is labelled `stage: release`.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "description": "One condition. `{key: team, operator: Exists}` holds for `team: web`, not for `stage: build`.",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. What has no such label matches `NotIn`, and does not match `In`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
                      "description": "Values of the label, for `In` and `NotIn`. `[build, test]` holds for `build`, not for `Build`.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "atomic",
                      "items": {
                        "type": "string",
                        "maxLength": 63,
                        "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                      }
                    }
                  },
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.values) == (self.operator == 'In' || self.operator == 'NotIn')",
                      "fieldPath": ".values",
                      "message": "In and NotIn need values, Exists and DoesNotExist take none",
                      "messageExpression": "self.operator + (has(self.values) ? ' takes no values: remove them' : ' needs values: add values: [...]')"
                    }
                  ]
                }
              }
            }
          },
          "mode": {
            "description": "`Audit` judges and reports, and lets pass. It still refuses private addresses, secrets and what cannot be parsed. A pod is in Enforce unless every policy that selects it is Audit: under `Audit` a request that no rule allows is let pass and reported, under `Enforce` it is not let pass.",
            "type": "string",
            "enum": [
              "Enforce",
              "Audit"
            ],
            "default": "Enforce"
          },
          "egress": {
            "description": "What is allowed: a rule for each destination or purpose. `[{name: npm, preset: {name: npm-install}}]` lets packages be installed, not published, and nothing else be reached. Absent or empty, the policy allows nothing.",
            "type": "array",
            "maxItems": 128,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "title": "EgressRule",
              "description": "Allows what satisfies all of its fields. `{name: api, to: {hosts: [api.acme.dev]}}` allows https://api.acme.dev/ with any method and path, not http://api.acme.dev/ nor https://acme.dev/.",
              "type": "object",
              "required": [
                "name"
              ],
              "properties": {
                "name": {
                  "description": "What events, refusals and `suppressions` call the rule. `npm-mirror` is a name, `NPM mirror` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                },
                "protocol": {
                  "description": "`HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`. `TLS` refuses a handshake with ECH, whose name is encrypted, and GREASE ECH with it, since nobody but the server can tell them apart. `HTTPS` matches https://a.dev/, not http://a.dev/; `UDP` is not a value, so nothing matches QUIC.",
                  "type": "string",
                  "enum": [
                    "HTTPS",
                    "HTTP",
                    "TLS",
                    "TCP"
                  ]
                },
                "to": {
                  "title": "Destination",
                  "description": "Where to. With a preset, each field given here replaces the preset's. `{hosts: [a.dev], ports: [443, 8443]}` matches a.dev:8443, not a.dev:80 nor b.dev:443.",
                  "type": "object",
                  "properties": {
                    "hosts": {
                      "description": "Host names. `registry.npmjs.org` is that host alone; `*.acme.dev` is any name under acme.dev, such as `a.acme.dev` and `a.b.acme.dev`, but not `acme.dev`. Addresses such as `192.0.2.1`, and wildcards that a registry sells names under such as `*.com`, are refused.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    },
                    "ports": {
                      "description": "Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. `[5432]` matches port 5432, not 5433. 53 is refused: DNS has its own judge.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "integer",
                        "format": "int32",
                        "minimum": 1,
                        "maximum": 65535,
                        "x-kubernetes-validations": [
                          {
                            "rule": "self != 53",
                            "message": "port 53 is DNS, which Weir answers itself: remove it"
                          }
                        ]
                      }
                    },
                    "addressScope": {
                      "description": "Where the name may resolve to. `Public` matches public addresses such as 93.184.216.34, not 10.0.0.1; `Private` matches those too, that is RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.",
                      "type": "string",
                      "enum": [
                        "Public",
                        "Private"
                      ],
                      "default": "Public"
                    }
                  }
                },
                "preset": {
                  "title": "PresetReference",
                  "description": "A tool's needs, known by name: `{name: npm-install}` allows reading from a registry, not publishing to it; `{name: git-fetch}` allows clone and fetch, not push. `http` narrows it.",
                  "type": "object",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "description": "`npm-install` is a preset, `npm` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    }
                  }
                },
                "http": {
                  "description": "Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both. `[{methods: [GET]}, {methods: [POST], paths: [/v1/events]}]` matches GET of any path and POST of /v1/events, not POST of /v1/users.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 32,
                  "x-kubernetes-list-type": "atomic",
                  "items": {
                    "title": "HttpRule",
                    "description": "A request matches when it satisfies every field given here. `{methods: [GET], paths: [/a]}` matches GET /a, not POST /a nor GET /b.",
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                      "methods": {
                        "description": "Methods, in capitals as HTTP has them. `[GET]` matches GET, and neither HEAD nor POST.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 16,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 32,
                          "pattern": "^[A-Z][A-Z-]*$",
                          "x-kubernetes-validations": [
                            {
                              "rule": "self != 'CONNECT' && self != 'TRACE'",
                              "message": "CONNECT and TRACE are never forwarded: remove it"
                            }
                          ]
                        }
                      },
                      "paths": {
                        "description": "Globs over the percent-decoded path, without the query. `*` stands for characters within one segment, `**` for any number of segments, `\\*` for a star. `/v1/*` matches `/v1/events`, not `/v1/events/1` nor `/v1/`; `/acme/**` matches `/acme`, `/acme/` and `/acme/a/b`, not `/acme2`.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 64,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 1024,
                          "pattern": "^(/(\\*\\*|(\\.{0,2}(\\*|([^.*/\\\\\\p{Cc}\\p{Zl}\\p{Zp}]|\\\\\\*)\\*?)|\\.{3}\\*?)(([^*/\\\\\\p{Cc}\\p{Zl}\\p{Zp}]|\\\\\\*)\\*?)*)?){1,64}$"
                        }
                      },
                      "query": {
                        "description": "The parameters that a query must have, each once, and no others. Empty: no parameters. `[{name: service, values: [git-upload-pack]}]` matches `?service=git-upload-pack`, not `?service=git-upload-pack&x=1`.",
                        "type": "array",
                        "maxItems": 32,
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": [
                          "name"
                        ],
                        "items": {
                          "title": "QueryParameter",
                          "description": "`{name: q}` matches `?q=1` and `?q=`, not `?Q=1`.",
                          "type": "object",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "description": "Its name, decoded. `a b` matches `?a+b=1` and `?a%20b=1`, not `?ab=1`.",
                              "type": "string",
                              "maxLength": 256
                            },
                            "values": {
                              "description": "Values it may have, decoded. Absent means any. `[json, \"a b\"]` matches `json` and `a%20b`, not `JSON`.",
                              "type": "array",
                              "minItems": 1,
                              "maxItems": 64,
                              "x-kubernetes-list-type": "set",
                              "items": {
                                "type": "string",
                                "maxLength": 1024
                              }
                            }
                          }
                        }
                      },
                      "contentTypes": {
                        "description": "Media types that a request with a body may declare, without parameters. `application/json` also matches `application/json; charset=utf-8`, but not a body without a type, nor a WebSocket, whose messages have none.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 255,
                          "pattern": "^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$"
                        }
                      },
                      "maxBodySize": {
                        "description": "Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `16Ki` matches a body of 16384 bytes, not one of 16385; `0` admits no body and no WebSocket. Holds for each message of one, control frames included.",
                        "x-kubernetes-int-or-string": true,
                        "minimum": 0,
                        "maximum": 999999999999999,
                        "maxLength": 15,
                        "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                      },
                      "forwardHeaders": {
                        "description": "Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `[accept]` forwards Accept, not Cookie. `Host`, framing and connection headers are Weir's own, and not given here.",
                        "type": "array",
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 64,
                          "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                          "x-kubernetes-validations": [
                            {
                              "rule": "!(self.lowerAscii() in ['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])",
                              "message": "Weir writes or drops this header itself: remove it",
                              "messageExpression": "'Weir writes or drops ' + self + ' itself: remove it'"
                            }
                          ]
                        }
                      }
                    }
                  }
                },
                "limits": {
                  "title": "Limits",
                  "description": "What the rule may spend in the life of a pod, over all connections. `{requests: 2}` admits two requests, not a third.",
                  "type": "object",
                  "minProperties": 1,
                  "properties": {
                    "uploadSize": {
                      "description": "Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.",
                      "x-kubernetes-int-or-string": true,
                      "minimum": 0,
                      "maximum": 999999999999999,
                      "maxLength": 15,
                      "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                    },
                    "newTextSize": {
                      "description": "Bytes of text in paths, queries and headers that the host did not get before. A segment, parameter or header costs its length the first time, 2 bytes when it comes again beside others, and nothing when its path, query or headers are the same as before, or when `http` spells it out. `64Ki` admits an install of a thousand packages, not a file in a thousand paths.",
                      "x-kubernetes-int-or-string": true,
                      "minimum": 0,
                      "maximum": 999999999999999,
                      "maxLength": 15,
                      "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                    },
                    "requests": {
                      "description": "HTTP requests; under TLS and TCP, connections. `5000` admits 5000 of them, not 5001.",
                      "type": "integer",
                      "format": "int64",
                      "minimum": 1,
                      "maximum": 1000000000
                    }
                  }
                }
              },
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.preset) || (has(self.to) && has(self.to.hosts))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".to.hosts",
                  "message": "the rule names no host: add to: {hosts: [...]}, or a preset"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (has(self.limits) && has(self.limits.uploadSize))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".limits.uploadSize",
                  "message": "TLS and TCP need limits.uploadSize",
                  "messageExpression": "self.protocol + ' needs limits.uploadSize, since nobody judges what is sent: add limits: {uploadSize: 1Mi}'"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.limits) || !has(self.limits.newTextSize)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".limits.newTextSize",
                  "message": "newTextSize is for HTTPS and HTTP",
                  "messageExpression": "'newTextSize is for HTTPS and HTTP: nobody reads what is sent under ' + self.protocol"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.http)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".http",
                  "message": "http is for HTTPS and HTTP",
                  "messageExpression": "self.protocol + ' is not decrypted, so requests cannot be judged: remove http, or use protocol: HTTPS'"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.preset)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".preset",
                  "message": "a preset is for HTTPS and HTTP",
                  "messageExpression": "'a preset cannot be used with ' + self.protocol + ': remove protocol, or the preset'"
                },
                {
                  "rule": "!has(self.protocol) || self.protocol != 'TCP' || (has(self.to) && has(self.to.ports))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".to.ports",
                  "message": "TCP has no usual port: add ports: [...] under to"
                }
              ]
            }
          },
          "content": {
            "title": "ContentRules",
            "description": "What is looked for in content, and exceptions from it. `{suppressions: [{detector: jwt, rule: metrics}]}` lets JWTs through to one rule's destination, not to any other.",
            "type": "object",
            "properties": {
              "detectors": {
                "title": "DetectorSettings",
                "description": "Detectors for all of the pod's traffic. `{disabled: [jwt]}` turns one off, and does not touch the others.",
                "type": "object",
                "properties": {
                  "disabled": {
                    "description": "Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower. `[jwt]` lets JWTs through everywhere, not npm tokens.",
                    "type": "array",
                    "maxItems": 64,
                    "x-kubernetes-list-type": "set",
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    }
                  }
                }
              },
              "homeHosts": {
                "description": "Where a kind of secret belongs, besides where its detector says. `[{detector: github-token, hosts: [ghe.acme.dev]}]` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a host name itself.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector"
                ],
                "items": {
                  "title": "HomeHosts",
                  "description": "One kind of secret and its hosts. `{detector: jwt, hosts: [\"*.acme.dev\"]}` lets JWTs go to a.acme.dev, not to acme.dev.",
                  "type": "object",
                  "required": [
                    "detector",
                    "hosts"
                  ],
                  "properties": {
                    "detector": {
                      "description": "The detector's name. `github-token` is one, `GitHub token` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "description": "Host names as in `to.hosts`. `*.acme.dev` matches a.acme.dev, not acme.dev.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              },
              "suppressions": {
                "description": "Detectors that are off for one rule of this policy. `[{detector: jwt, rule: metrics}]` lets JWTs through in requests of the rule `metrics`, and not in others. In a host name itself, which resolvers and on-path observers read, it counts where the rule spells out that name, not where only a wildcard matches it: with `hosts: [abc.acme.dev, \"*.x.dev\"]` for abc.acme.dev, not for abc.x.dev.",
                "type": "array",
                "maxItems": 128,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector",
                  "rule"
                ],
                "items": {
                  "title": "Suppression",
                  "description": "One detector for one rule. `{detector: jwt, rule: metrics}` is for the rule `metrics`, not for `metrics-eu`.",
                  "type": "object",
                  "required": [
                    "detector",
                    "rule"
                  ],
                  "properties": {
                    "detector": {
                      "description": "The detector's name. `jwt` is one, `JWT` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "rule": {
                      "description": "The name of a rule of this policy. With a rule named `metrics`, `metrics` is one and `metric` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "description": "Hosts of the rule that it is for, written as in `to.hosts`; absent, all of them. With `hosts: [a.acme.dev]` and a rule for `*.acme.dev`, it is for a.acme.dev, not for b.acme.dev.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              },
              "knownSecrets": {
                "title": "KnownSecrets",
                "description": "The values of the Secrets that the pod itself refers to, which may not leave it in any encoding, nor, but for imagePullSecrets, may a telling part of one. A value may go where its text says that it belongs: to the host of its URL, registry or machine, or where its format is at home; else a suppression of `known-secret` lets it through for one rule. What is plainly no secret, such as a host name, a path, a number or a certificate, is not looked for. `{exclude: [{secretName: npm, keys: [username]}]}` looks for all values but that one, not for those shorter than 12 bytes. Of several policies for a pod, all must leave a value out.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "source": {
                    "description": "`PodSecrets` (unless said) looks for the values of Secrets that the pod's containers refer to by env, envFrom and volumes, of its imagePullSecrets and of its ServiceAccount token; `weir run` for those of variables that are named like secrets (of the Secret `environment`), and of credential files in the home directory (of `aws`, `npm`, `ssh` and so on). `None` looks for none of them; `Secrets` is not a value.",
                    "type": "string",
                    "enum": [
                      "PodSecrets",
                      "None"
                    ]
                  },
                  "minLength": {
                    "description": "Bytes of the shortest value that is looked for, 12 unless said. Under `16` a value of 16 bytes is looked for, one of 15 is not.",
                    "type": "integer",
                    "format": "int32",
                    "minimum": 8,
                    "maximum": 1024
                  },
                  "exclude": {
                    "description": "Secrets whose values are no secrets, or belong where the build sends them. `[{secretName: npm, keys: [username]}]` leaves out that value, not the Secret's others.",
                    "type": "array",
                    "maxItems": 64,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": [
                      "secretName"
                    ],
                    "items": {
                      "title": "ExcludedSecret",
                      "description": "A Secret, or keys of it. `{secretName: npm}` leaves out all of the Secret `npm`, not the Secret `npm-token`.",
                      "type": "object",
                      "required": [
                        "secretName"
                      ],
                      "properties": {
                        "secretName": {
                          "description": "The name of a Secret in the pod's namespace. `npm` is one, `ci/npm` is not.",
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
                        },
                        "keys": {
                          "description": "Keys of the Secret that are left out; absent: all. `[username]` leaves out `username`, not `password`.",
                          "type": "array",
                          "minItems": 1,
                          "maxItems": 64,
                          "x-kubernetes-list-type": "set",
                          "items": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "pattern": "^[-._A-Za-z0-9]+$"
                          }
                        }
                      }
                    }
                  }
                }
              },
              "maxRefusals": {
                "description": "Refusals for content in the life of a pod after which it is cut off: whatever it asks for then is refused as `content.cut-off`. 20 unless said; of several policies that set it, the smallest applies. Under `3` a pod is cut off after its third refusal for content, not after its second; refusals for other reasons, such as a host that no rule allows, do not count, and a DNS name that is asked for by several types and with search domains counts once.",
                "type": "integer",
                "format": "int32",
                "minimum": 1,
                "maximum": 10000
              },
              "opaqueUploads": {
                "title": "OpaqueUploads",
                "description": "What may be sent in request bodies that no decoder explains: bytes that look drawn at random, as what is encrypted does, and as what is compressed in a way that Weir does not read, images included. Text, and what decompresses to text, does not count. `{maxSize: 64Ki}` lets 64 KiB of such bytes go to a host in the life of a pod, not more. A rule whose uploads are such bytes by design is left out by a suppression of `opaque-upload`. Of several policies that set a field, the smallest applies; absent, it is not bounded.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "maxSize": {
                    "description": "Bytes to one host; hosts that the same wildcard admits share it. Under `64Ki` a body of 65536 random bytes fits, one of 70000 does not; a text of 70000 bytes does.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  },
                  "maxPodSize": {
                    "description": "Bytes to all hosts together. Under `1Mi` 512 KiB of random bytes to each of two hosts fit, the same to a third host does not.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  }
                }
              },
              "patterns": {
                "description": "Formats of secrets that only you know, looked for beside the built-in detectors; those of all policies add up. `[{name: acme-key, regex: \"acme_[a-z0-9]{32}\", hosts: [api.acme.dev]}]` lets such a key go to api.acme.dev, not to www.acme.dev. Suppressions, `homeHosts` and `detectors.disabled` call it `pattern/acme-key`.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "name"
                ],
                "items": {
                  "title": "SecretPattern",
                  "description": "One format. `{name: acme-key, regex: \"acme_[a-z0-9]{32}\"}` finds such a key in any text, encoded or not, not one that is shorter.",
                  "type": "object",
                  "required": [
                    "name",
                    "regex"
                  ],
                  "properties": {
                    "name": {
                      "description": "What findings, suppressions and events call it, behind `pattern/`. `acme-key` is a name, `ACME key` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 55,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    },
                    "regex": {
                      "description": "A regular expression of RE2, searched in text as bytes; `.` is one byte. Every match must hold a fixed text of at least 3 characters. `acme_[a-z0-9]{32}` has `acme_`; `[a-z0-9]{32}` has none and is refused, as are `^` and `$` (secrets stand within other text), backreferences and lookaround. In host names, which have no case, it matches letters of either case.",
                      "type": "string",
                      "minLength": 3,
                      "maxLength": 512,
                      "pattern": "^[ -~]+$",
                      "x-kubernetes-validations": [
                        {
                          "rule": "!self.matches('(^|[^\\\\x5c])(\\\\x5c\\\\x5c)*\\\\x5c[1-9]')",
                          "message": "a backreference cannot be searched for in linear time: write out what may stand there"
                        },
                        {
                          "rule": "!self.matches('(^|[^\\\\x5c])(\\\\x5c\\\\x5c)*[(][?]<?[=!]')",
                          "message": "lookaround cannot be searched for in linear time: leave it out, or use \\b"
                        }
                      ]
                    },
                    "hosts": {
                      "description": "Hosts where it belongs, as in `to.hosts`; absent: none. `[api.acme.dev]` lets it go there, not to `x.api.acme.dev`.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              }
            }
          },
          "dns": {
            "title": "DnsRules",
            "description": "How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies. `{queryTypes: [A]}` answers A queries for allowed names, not AAAA queries.",
            "type": "object",
            "properties": {
              "queryTypes": {
                "description": "Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records, not TXT; HTTPS and SVCB records never are.",
                "type": "array",
                "minItems": 1,
                "maxItems": 9,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "enum": [
                    "A",
                    "AAAA",
                    "TXT",
                    "MX",
                    "SRV",
                    "CAA",
                    "NS",
                    "SOA",
                    "PTR"
                  ]
                }
              },
              "budget": {
                "description": "Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. Under `3`, `a.acme.dev` and `bc.acme.dev` fit, and asking again is free; `d.acme.dev` after them does not fit.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 1000000
              },
              "denied": {
                "description": "What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name. `NXDOMAIN` is not a value.",
                "type": "string",
                "enum": [
                  "Explain",
                  "NXDomain"
                ]
              }
            }
          },
          "pod": {
            "title": "PodSettings",
            "description": "What the pod itself may see. Taken when a pod is admitted: a change is for pods made later. Of several policies for a pod, the strictest applies. `{maskedPaths: [/root/.ssh]}` hides that directory of the image, not `/root`.",
            "type": "object",
            "minProperties": 1,
            "properties": {
              "maskedPaths": {
                "description": "Paths that the containers see as empty directories, which nothing can be written to; those of all policies add up. `[/root/.aws]` hides `/root/.aws/credentials`, not `/root/.ssh`. Names of letters, digits and `._@+~-`.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 2,
                  "maxLength": 256,
                  "pattern": "^(/[.]*[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*)+$",
                  "x-kubernetes-validations": [
                    {
                      "rule": "!self.matches('^/((proc|sys|dev|etc/weir|run/secrets|var/run/secrets)(/.*)?|etc|run|var|var/run)$')",
                      "message": "Kubernetes or Weir needs this path: name a narrower one; the ServiceAccount token is removed by serviceAccountToken: Remove"
                    }
                  ]
                }
              },
              "serviceAccountToken": {
                "description": "`Keep` (unless said) leaves the pod's ServiceAccount token where Kubernetes mounts it; `Remove` takes that mount out of the containers, and not other projected volumes. `Delete` is not a value.",
                "type": "string",
                "enum": [
                  "Keep",
                  "Remove"
                ]
              }
            }
          }
        },
        "x-kubernetes-validations": [
          {
            "rule": "!has(self.content) || !has(self.content.suppressions) || self.content.suppressions.all(s, has(self.egress) && self.egress.exists(e, e.name == s.rule))",
            "fieldPath": ".content.suppressions",
            "message": "a suppression names a rule that this policy does not have: write the name of one in egress"
          }
        ]
      },
      "status": {
        "title": "PolicyStatus",
        "description": "What Weir's control plane found, written by it alone. `kubectl get -o yaml` shows it; it is not part of what you write. Without a control plane nothing fills it in.",
        "type": "object",
        "properties": {
          "pods": {
            "title": "PodCounts",
            "description": "Injected pods, counted now and then. `{matched: 3, current: 2}` says that the policy is for three, not that all three run under it as written.",
            "type": "object",
            "required": [
              "matched",
              "current"
            ],
            "properties": {
              "matched": {
                "description": "Pods that the policy selects. `3` counts three running pods, not one that has ended.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 2147483647
              },
              "current": {
                "description": "Of those, pods that have it as written. `2` of three: one has not fetched it yet, or needs to be made anew, and is not counted.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 2147483647
              }
            }
          },
          "conditions": {
            "description": "`Accepted` is True when the policy is compiled as written, and not when a part of it is refused or lies outside a constraint of the cluster. `ResolvedRefs` is True when this version of Weir knows the presets and detectors that the policy names, and not when it does not know one. `PodsCurrent` is True when every pod that it selects runs under it as written, and not when one has to be made anew (`RecreateRequired`).",
            "type": "array",
            "maxItems": 8,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "type"
            ],
            "items": {
              "title": "Condition",
              "description": "One condition, as Kubernetes has them. `{type: Accepted, status: \"True\"}` says yes, `status: yes` is not a value.",
              "type": "object",
              "required": [
                "type",
                "status",
                "lastTransitionTime",
                "reason",
                "message"
              ],
              "properties": {
                "type": {
                  "description": "`Accepted` is a type, `not accepted` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[A-Za-z]([A-Za-z0-9]*)$"
                },
                "status": {
                  "description": "`\"True\"` is a status, `true` without quotes is not.",
                  "type": "string",
                  "enum": [
                    "True",
                    "False",
                    "Unknown"
                  ]
                },
                "observedGeneration": {
                  "description": "The `metadata.generation` that was looked at. With generation 3, `3` is current and `2` is not.",
                  "type": "integer",
                  "format": "int64",
                  "minimum": 0,
                  "maximum": 9007199254740991
                },
                "lastTransitionTime": {
                  "description": "When `status` last changed. `2026-11-25T10:00:00Z` is a time, `yesterday` is not.",
                  "type": "string",
                  "format": "date-time",
                  "maxLength": 40
                },
                "reason": {
                  "description": "Why, for programs. `ConstraintViolated` is a reason, `constraint violated` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "pattern": "^[A-Za-z]([A-Za-z0-9]*)$"
                },
                "message": {
                  "description": "Why, for people. `rule db lies outside a constraint` is a message, a list is not.",
                  "type": "string",
                  "maxLength": 4096
                }
              }
            }
          }
        }
      }
    }
  },
  "ClusterEgressPolicy": {
    "title": "ClusterEgressPolicy",
    "description": "Constraints on what EgressPolicies may allow, and rules that hold in many namespaces. It selects pods by their namespace's labels and their own; all policies of either kind that select a pod apply together. A pod that only constraints select may not talk at all.",
    "type": "object",
    "required": [
      "apiVersion",
      "kind",
      "metadata",
      "spec"
    ],
    "properties": {
      "apiVersion": {
        "description": "`weir.dev/v1alpha1`, and not another version.",
        "type": "string"
      },
      "kind": {
        "description": "`ClusterEgressPolicy`, not `clusteregresspolicy`.",
        "type": "string"
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "title": "ClusterEgressPolicySpec",
        "description": "What the policy says. `{constraints: {deniedHosts: [webhook.site]}}` takes rules for that host away, and does not allow any other.",
        "type": "object",
        "properties": {
          "namespaceSelector": {
            "title": "NamespaceSelector",
            "description": "The namespaces that the policy is for. Empty or absent: every injected namespace. `{matchLabels: {tier: ci}}` selects a namespace labelled `tier: ci`, not one labelled `tier: prod`.",
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that must all be there, with these values. `{stage: build}` selects what is labelled `stage: build` and whatever else, not what is labelled `stage: test` or not at all.",
                "type": "object",
                "maxProperties": 32,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                },
                "x-kubernetes-validations": [
                  {
                    "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
                    "message": "a label key is a name such as stage, or a domain and a name such as acme.dev/team"
                  }
                ]
              },
              "matchExpressions": {
                "description": "Conditions on labels, which must all hold. `[{key: stage, operator: In, values: [build, test]}]` selects what is labelled `stage: build` or `stage: test`, not what is labelled `stage: release`.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "description": "One condition. `{key: team, operator: Exists}` holds for `team: web`, not for `stage: build`.",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. What has no such label matches `NotIn`, and does not match `In`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
                      "description": "Values of the label, for `In` and `NotIn`. `[build, test]` holds for `build`, not for `Build`.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "atomic",
                      "items": {
                        "type": "string",
                        "maxLength": 63,
                        "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                      }
                    }
                  },
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.values) == (self.operator == 'In' || self.operator == 'NotIn')",
                      "fieldPath": ".values",
                      "message": "In and NotIn need values, Exists and DoesNotExist take none",
                      "messageExpression": "self.operator + (has(self.values) ? ' takes no values: remove them' : ' needs values: add values: [...]')"
                    }
                  ]
                }
              }
            }
          },
          "podSelector": {
            "title": "PodSelector",
            "description": "The pods that the policy is for. Empty or absent: every injected pod that the policy can be for. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.",
            "type": "object",
            "x-kubernetes-map-type": "atomic",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that must all be there, with these values. `{stage: build}` selects what is labelled `stage: build` and whatever else, not what is labelled `stage: test` or not at all.",
                "type": "object",
                "maxProperties": 32,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                },
                "x-kubernetes-validations": [
                  {
                    "rule": "self.all(key, key.matches('^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",
                    "message": "a label key is a name such as stage, or a domain and a name such as acme.dev/team"
                  }
                ]
              },
              "matchExpressions": {
                "description": "Conditions on labels, which must all hold. `[{key: stage, operator: In, values: [build, test]}]` selects what is labelled `stage: build` or `stage: test`, not what is labelled `stage: release`.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "description": "One condition. `{key: team, operator: Exists}` holds for `team: web`, not for `stage: build`.",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. What has no such label matches `NotIn`, and does not match `In`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
                      "description": "Values of the label, for `In` and `NotIn`. `[build, test]` holds for `build`, not for `Build`.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "atomic",
                      "items": {
                        "type": "string",
                        "maxLength": 63,
                        "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                      }
                    }
                  },
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.values) == (self.operator == 'In' || self.operator == 'NotIn')",
                      "fieldPath": ".values",
                      "message": "In and NotIn need values, Exists and DoesNotExist take none",
                      "messageExpression": "self.operator + (has(self.values) ? ' takes no values: remove them' : ' needs values: add values: [...]')"
                    }
                  ]
                }
              }
            }
          },
          "egress": {
            "description": "What is allowed: a rule for each destination or purpose. `[{name: npm, preset: {name: npm-install}}]` lets packages be installed, not published, and nothing else be reached. Absent or empty, the policy allows nothing.",
            "type": "array",
            "maxItems": 128,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "title": "EgressRule",
              "description": "Allows what satisfies all of its fields. `{name: api, to: {hosts: [api.acme.dev]}}` allows https://api.acme.dev/ with any method and path, not http://api.acme.dev/ nor https://acme.dev/.",
              "type": "object",
              "required": [
                "name"
              ],
              "properties": {
                "name": {
                  "description": "What events, refusals and `suppressions` call the rule. `npm-mirror` is a name, `NPM mirror` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                },
                "protocol": {
                  "description": "`HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`. `TLS` refuses a handshake with ECH, whose name is encrypted, and GREASE ECH with it, since nobody but the server can tell them apart. `HTTPS` matches https://a.dev/, not http://a.dev/; `UDP` is not a value, so nothing matches QUIC.",
                  "type": "string",
                  "enum": [
                    "HTTPS",
                    "HTTP",
                    "TLS",
                    "TCP"
                  ]
                },
                "to": {
                  "title": "Destination",
                  "description": "Where to. With a preset, each field given here replaces the preset's. `{hosts: [a.dev], ports: [443, 8443]}` matches a.dev:8443, not a.dev:80 nor b.dev:443.",
                  "type": "object",
                  "properties": {
                    "hosts": {
                      "description": "Host names. `registry.npmjs.org` is that host alone; `*.acme.dev` is any name under acme.dev, such as `a.acme.dev` and `a.b.acme.dev`, but not `acme.dev`. Addresses such as `192.0.2.1`, and wildcards that a registry sells names under such as `*.com`, are refused.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    },
                    "ports": {
                      "description": "Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. `[5432]` matches port 5432, not 5433. 53 is refused: DNS has its own judge.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "integer",
                        "format": "int32",
                        "minimum": 1,
                        "maximum": 65535,
                        "x-kubernetes-validations": [
                          {
                            "rule": "self != 53",
                            "message": "port 53 is DNS, which Weir answers itself: remove it"
                          }
                        ]
                      }
                    },
                    "addressScope": {
                      "description": "Where the name may resolve to. `Public` matches public addresses such as 93.184.216.34, not 10.0.0.1; `Private` matches those too, that is RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.",
                      "type": "string",
                      "enum": [
                        "Public",
                        "Private"
                      ],
                      "default": "Public"
                    }
                  }
                },
                "preset": {
                  "title": "PresetReference",
                  "description": "A tool's needs, known by name: `{name: npm-install}` allows reading from a registry, not publishing to it; `{name: git-fetch}` allows clone and fetch, not push. `http` narrows it.",
                  "type": "object",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "description": "`npm-install` is a preset, `npm` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    }
                  }
                },
                "http": {
                  "description": "Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both. `[{methods: [GET]}, {methods: [POST], paths: [/v1/events]}]` matches GET of any path and POST of /v1/events, not POST of /v1/users.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 32,
                  "x-kubernetes-list-type": "atomic",
                  "items": {
                    "title": "HttpRule",
                    "description": "A request matches when it satisfies every field given here. `{methods: [GET], paths: [/a]}` matches GET /a, not POST /a nor GET /b.",
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                      "methods": {
                        "description": "Methods, in capitals as HTTP has them. `[GET]` matches GET, and neither HEAD nor POST.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 16,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 32,
                          "pattern": "^[A-Z][A-Z-]*$",
                          "x-kubernetes-validations": [
                            {
                              "rule": "self != 'CONNECT' && self != 'TRACE'",
                              "message": "CONNECT and TRACE are never forwarded: remove it"
                            }
                          ]
                        }
                      },
                      "paths": {
                        "description": "Globs over the percent-decoded path, without the query. `*` stands for characters within one segment, `**` for any number of segments, `\\*` for a star. `/v1/*` matches `/v1/events`, not `/v1/events/1` nor `/v1/`; `/acme/**` matches `/acme`, `/acme/` and `/acme/a/b`, not `/acme2`.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 64,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 1024,
                          "pattern": "^(/(\\*\\*|(\\.{0,2}(\\*|([^.*/\\\\\\p{Cc}\\p{Zl}\\p{Zp}]|\\\\\\*)\\*?)|\\.{3}\\*?)(([^*/\\\\\\p{Cc}\\p{Zl}\\p{Zp}]|\\\\\\*)\\*?)*)?){1,64}$"
                        }
                      },
                      "query": {
                        "description": "The parameters that a query must have, each once, and no others. Empty: no parameters. `[{name: service, values: [git-upload-pack]}]` matches `?service=git-upload-pack`, not `?service=git-upload-pack&x=1`.",
                        "type": "array",
                        "maxItems": 32,
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": [
                          "name"
                        ],
                        "items": {
                          "title": "QueryParameter",
                          "description": "`{name: q}` matches `?q=1` and `?q=`, not `?Q=1`.",
                          "type": "object",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "description": "Its name, decoded. `a b` matches `?a+b=1` and `?a%20b=1`, not `?ab=1`.",
                              "type": "string",
                              "maxLength": 256
                            },
                            "values": {
                              "description": "Values it may have, decoded. Absent means any. `[json, \"a b\"]` matches `json` and `a%20b`, not `JSON`.",
                              "type": "array",
                              "minItems": 1,
                              "maxItems": 64,
                              "x-kubernetes-list-type": "set",
                              "items": {
                                "type": "string",
                                "maxLength": 1024
                              }
                            }
                          }
                        }
                      },
                      "contentTypes": {
                        "description": "Media types that a request with a body may declare, without parameters. `application/json` also matches `application/json; charset=utf-8`, but not a body without a type, nor a WebSocket, whose messages have none.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 255,
                          "pattern": "^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$"
                        }
                      },
                      "maxBodySize": {
                        "description": "Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `16Ki` matches a body of 16384 bytes, not one of 16385; `0` admits no body and no WebSocket. Holds for each message of one, control frames included.",
                        "x-kubernetes-int-or-string": true,
                        "minimum": 0,
                        "maximum": 999999999999999,
                        "maxLength": 15,
                        "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                      },
                      "forwardHeaders": {
                        "description": "Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `[accept]` forwards Accept, not Cookie. `Host`, framing and connection headers are Weir's own, and not given here.",
                        "type": "array",
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 64,
                          "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                          "x-kubernetes-validations": [
                            {
                              "rule": "!(self.lowerAscii() in ['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])",
                              "message": "Weir writes or drops this header itself: remove it",
                              "messageExpression": "'Weir writes or drops ' + self + ' itself: remove it'"
                            }
                          ]
                        }
                      }
                    }
                  }
                },
                "limits": {
                  "title": "Limits",
                  "description": "What the rule may spend in the life of a pod, over all connections. `{requests: 2}` admits two requests, not a third.",
                  "type": "object",
                  "minProperties": 1,
                  "properties": {
                    "uploadSize": {
                      "description": "Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.",
                      "x-kubernetes-int-or-string": true,
                      "minimum": 0,
                      "maximum": 999999999999999,
                      "maxLength": 15,
                      "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                    },
                    "newTextSize": {
                      "description": "Bytes of text in paths, queries and headers that the host did not get before. A segment, parameter or header costs its length the first time, 2 bytes when it comes again beside others, and nothing when its path, query or headers are the same as before, or when `http` spells it out. `64Ki` admits an install of a thousand packages, not a file in a thousand paths.",
                      "x-kubernetes-int-or-string": true,
                      "minimum": 0,
                      "maximum": 999999999999999,
                      "maxLength": 15,
                      "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                    },
                    "requests": {
                      "description": "HTTP requests; under TLS and TCP, connections. `5000` admits 5000 of them, not 5001.",
                      "type": "integer",
                      "format": "int64",
                      "minimum": 1,
                      "maximum": 1000000000
                    }
                  }
                }
              },
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.preset) || (has(self.to) && has(self.to.hosts))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".to.hosts",
                  "message": "the rule names no host: add to: {hosts: [...]}, or a preset"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (has(self.limits) && has(self.limits.uploadSize))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".limits.uploadSize",
                  "message": "TLS and TCP need limits.uploadSize",
                  "messageExpression": "self.protocol + ' needs limits.uploadSize, since nobody judges what is sent: add limits: {uploadSize: 1Mi}'"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.limits) || !has(self.limits.newTextSize)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".limits.newTextSize",
                  "message": "newTextSize is for HTTPS and HTTP",
                  "messageExpression": "'newTextSize is for HTTPS and HTTP: nobody reads what is sent under ' + self.protocol"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.http)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".http",
                  "message": "http is for HTTPS and HTTP",
                  "messageExpression": "self.protocol + ' is not decrypted, so requests cannot be judged: remove http, or use protocol: HTTPS'"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || !has(self.preset)",
                  "reason": "FieldValueForbidden",
                  "fieldPath": ".preset",
                  "message": "a preset is for HTTPS and HTTP",
                  "messageExpression": "'a preset cannot be used with ' + self.protocol + ': remove protocol, or the preset'"
                },
                {
                  "rule": "!has(self.protocol) || self.protocol != 'TCP' || (has(self.to) && has(self.to.ports))",
                  "reason": "FieldValueRequired",
                  "fieldPath": ".to.ports",
                  "message": "TCP has no usual port: add ports: [...] under to"
                }
              ]
            }
          },
          "constraints": {
            "title": "Constraints",
            "description": "What rules may say at most, for the selected pods, in every policy of either kind. Constraints of several policies all hold. A rule outside one is not compiled. `{allowedProtocols: [HTTPS]}` keeps a rule with protocol HTTPS, not one with TCP.",
            "type": "object",
            "minProperties": 1,
            "properties": {
              "allowedHosts": {
                "description": "Every host of a rule must lie within one of these. `*.acme.dev` admits a rule for `a.acme.dev` or `*.a.acme.dev`, not one for `acme.dev` or `*.dev`.",
                "type": "array",
                "minItems": 1,
                "maxItems": 256,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "x-kubernetes-validations": [
                    {
                      "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                      "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                    },
                    {
                      "rule": "self.matches('^([*][.])?[^*]+$')",
                      "message": "`*` is only allowed as the whole first label: *.acme.dev"
                    },
                    {
                      "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                      "message": "a host has no empty label: one dot between two names, none before the first"
                    },
                    {
                      "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                      "message": "a label neither starts nor ends with a hyphen"
                    },
                    {
                      "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                      "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                    },
                    {
                      "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                      "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                    }
                  ]
                }
              },
              "deniedHosts": {
                "description": "No host of a rule may be one of these, or cover one. `files.acme.dev` takes away a rule for `files.acme.dev` and one for `*.acme.dev`, not one for `api.acme.dev`.",
                "type": "array",
                "minItems": 1,
                "maxItems": 256,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "x-kubernetes-validations": [
                    {
                      "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                      "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                    },
                    {
                      "rule": "self.matches('^([*][.])?[^*]+$')",
                      "message": "`*` is only allowed as the whole first label: *.acme.dev"
                    },
                    {
                      "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                      "message": "a host has no empty label: one dot between two names, none before the first"
                    },
                    {
                      "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                      "message": "a label neither starts nor ends with a hyphen"
                    },
                    {
                      "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                      "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                    },
                    {
                      "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                      "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                    }
                  ]
                }
              },
              "allowedModes": {
                "description": "Modes that an EgressPolicy may set. Under `[Enforce]` a policy with Audit is enforced, and not merely reported on.",
                "type": "array",
                "minItems": 1,
                "maxItems": 2,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "enum": [
                    "Enforce",
                    "Audit"
                  ]
                },
                "x-kubernetes-validations": [
                  {
                    "rule": "'Enforce' in self",
                    "message": "Enforce is the stricter mode, which is always allowed: add it"
                  }
                ]
              },
              "allowedProtocols": {
                "description": "Protocols that a rule may have. `[HTTPS, HTTP]` keeps a rule that says no protocol, which is HTTPS, not one with TLS.",
                "type": "array",
                "minItems": 1,
                "maxItems": 4,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "enum": [
                    "HTTPS",
                    "HTTP",
                    "TLS",
                    "TCP"
                  ]
                }
              },
              "allowedAddressScopes": {
                "description": "Scopes that a rule may have. `[Public]` keeps a rule with addressScope Public, not one with Private.",
                "type": "array",
                "minItems": 1,
                "maxItems": 2,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "enum": [
                    "Public",
                    "Private"
                  ]
                },
                "x-kubernetes-validations": [
                  {
                    "rule": "'Public' in self",
                    "message": "Public is the narrower scope, which is always allowed: add it"
                  }
                ]
              },
              "maxLimits": {
                "title": "MaxLimits",
                "description": "Most that one rule may spend; larger limits, and absent ones, become these. Under `{requests: 100}` a rule with `requests: 500` admits 100 requests, not 101.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "uploadSize": {
                    "description": "Bytes that one rule may send. Under `10Mi`, a rule may send `10485760` bytes, not one more.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  },
                  "newTextSize": {
                    "description": "Bytes of new text in paths, queries and headers of one rule. Under `64Ki`, a rule may send `65536` bytes of it, not one more.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  },
                  "requests": {
                    "description": "HTTP requests, or under TLS and TCP connections, of one rule. `20000` admits that many, not `20001`.",
                    "type": "integer",
                    "format": "int64",
                    "minimum": 1,
                    "maximum": 1000000000
                  }
                }
              },
              "content": {
                "description": "`TightenOnly` takes no exceptions from the content rules of an EgressPolicy: its `content` counts where it is stricter, not where it lets more through. Those of ClusterEgressPolicies still do.",
                "type": "string",
                "enum": [
                  "TightenOnly"
                ]
              }
            }
          },
          "content": {
            "title": "ContentRules",
            "description": "What is looked for in content, and exceptions from it. `{suppressions: [{detector: jwt, rule: metrics}]}` lets JWTs through to one rule's destination, not to any other.",
            "type": "object",
            "properties": {
              "detectors": {
                "title": "DetectorSettings",
                "description": "Detectors for all of the pod's traffic. `{disabled: [jwt]}` turns one off, and does not touch the others.",
                "type": "object",
                "properties": {
                  "disabled": {
                    "description": "Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower. `[jwt]` lets JWTs through everywhere, not npm tokens.",
                    "type": "array",
                    "maxItems": 64,
                    "x-kubernetes-list-type": "set",
                    "items": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    }
                  }
                }
              },
              "homeHosts": {
                "description": "Where a kind of secret belongs, besides where its detector says. `[{detector: github-token, hosts: [ghe.acme.dev]}]` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a host name itself.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector"
                ],
                "items": {
                  "title": "HomeHosts",
                  "description": "One kind of secret and its hosts. `{detector: jwt, hosts: [\"*.acme.dev\"]}` lets JWTs go to a.acme.dev, not to acme.dev.",
                  "type": "object",
                  "required": [
                    "detector",
                    "hosts"
                  ],
                  "properties": {
                    "detector": {
                      "description": "The detector's name. `github-token` is one, `GitHub token` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "description": "Host names as in `to.hosts`. `*.acme.dev` matches a.acme.dev, not acme.dev.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              },
              "suppressions": {
                "description": "Detectors that are off for one rule of this policy. `[{detector: jwt, rule: metrics}]` lets JWTs through in requests of the rule `metrics`, and not in others. In a host name itself, which resolvers and on-path observers read, it counts where the rule spells out that name, not where only a wildcard matches it: with `hosts: [abc.acme.dev, \"*.x.dev\"]` for abc.acme.dev, not for abc.x.dev.",
                "type": "array",
                "maxItems": 128,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector",
                  "rule"
                ],
                "items": {
                  "title": "Suppression",
                  "description": "One detector for one rule. `{detector: jwt, rule: metrics}` is for the rule `metrics`, not for `metrics-eu`.",
                  "type": "object",
                  "required": [
                    "detector",
                    "rule"
                  ],
                  "properties": {
                    "detector": {
                      "description": "The detector's name. `jwt` is one, `JWT` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "rule": {
                      "description": "The name of a rule of this policy. With a rule named `metrics`, `metrics` is one and `metric` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "description": "Hosts of the rule that it is for, written as in `to.hosts`; absent, all of them. With `hosts: [a.acme.dev]` and a rule for `*.acme.dev`, it is for a.acme.dev, not for b.acme.dev.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              },
              "knownSecrets": {
                "title": "KnownSecrets",
                "description": "The values of the Secrets that the pod itself refers to, which may not leave it in any encoding, nor, but for imagePullSecrets, may a telling part of one. A value may go where its text says that it belongs: to the host of its URL, registry or machine, or where its format is at home; else a suppression of `known-secret` lets it through for one rule. What is plainly no secret, such as a host name, a path, a number or a certificate, is not looked for. `{exclude: [{secretName: npm, keys: [username]}]}` looks for all values but that one, not for those shorter than 12 bytes. Of several policies for a pod, all must leave a value out.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "source": {
                    "description": "`PodSecrets` (unless said) looks for the values of Secrets that the pod's containers refer to by env, envFrom and volumes, of its imagePullSecrets and of its ServiceAccount token; `weir run` for those of variables that are named like secrets (of the Secret `environment`), and of credential files in the home directory (of `aws`, `npm`, `ssh` and so on). `None` looks for none of them; `Secrets` is not a value.",
                    "type": "string",
                    "enum": [
                      "PodSecrets",
                      "None"
                    ]
                  },
                  "minLength": {
                    "description": "Bytes of the shortest value that is looked for, 12 unless said. Under `16` a value of 16 bytes is looked for, one of 15 is not.",
                    "type": "integer",
                    "format": "int32",
                    "minimum": 8,
                    "maximum": 1024
                  },
                  "exclude": {
                    "description": "Secrets whose values are no secrets, or belong where the build sends them. `[{secretName: npm, keys: [username]}]` leaves out that value, not the Secret's others.",
                    "type": "array",
                    "maxItems": 64,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": [
                      "secretName"
                    ],
                    "items": {
                      "title": "ExcludedSecret",
                      "description": "A Secret, or keys of it. `{secretName: npm}` leaves out all of the Secret `npm`, not the Secret `npm-token`.",
                      "type": "object",
                      "required": [
                        "secretName"
                      ],
                      "properties": {
                        "secretName": {
                          "description": "The name of a Secret in the pod's namespace. `npm` is one, `ci/npm` is not.",
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
                        },
                        "keys": {
                          "description": "Keys of the Secret that are left out; absent: all. `[username]` leaves out `username`, not `password`.",
                          "type": "array",
                          "minItems": 1,
                          "maxItems": 64,
                          "x-kubernetes-list-type": "set",
                          "items": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "pattern": "^[-._A-Za-z0-9]+$"
                          }
                        }
                      }
                    }
                  }
                }
              },
              "maxRefusals": {
                "description": "Refusals for content in the life of a pod after which it is cut off: whatever it asks for then is refused as `content.cut-off`. 20 unless said; of several policies that set it, the smallest applies. Under `3` a pod is cut off after its third refusal for content, not after its second; refusals for other reasons, such as a host that no rule allows, do not count, and a DNS name that is asked for by several types and with search domains counts once.",
                "type": "integer",
                "format": "int32",
                "minimum": 1,
                "maximum": 10000
              },
              "opaqueUploads": {
                "title": "OpaqueUploads",
                "description": "What may be sent in request bodies that no decoder explains: bytes that look drawn at random, as what is encrypted does, and as what is compressed in a way that Weir does not read, images included. Text, and what decompresses to text, does not count. `{maxSize: 64Ki}` lets 64 KiB of such bytes go to a host in the life of a pod, not more. A rule whose uploads are such bytes by design is left out by a suppression of `opaque-upload`. Of several policies that set a field, the smallest applies; absent, it is not bounded.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "maxSize": {
                    "description": "Bytes to one host; hosts that the same wildcard admits share it. Under `64Ki` a body of 65536 random bytes fits, one of 70000 does not; a text of 70000 bytes does.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  },
                  "maxPodSize": {
                    "description": "Bytes to all hosts together. Under `1Mi` 512 KiB of random bytes to each of two hosts fit, the same to a third host does not.",
                    "x-kubernetes-int-or-string": true,
                    "minimum": 0,
                    "maximum": 999999999999999,
                    "maxLength": 15,
                    "pattern": "^([0-9]{1,15}|[0-9]{1,12}Ki|[0-9]{1,9}Mi|[0-9]{1,6}Gi)$"
                  }
                }
              },
              "patterns": {
                "description": "Formats of secrets that only you know, looked for beside the built-in detectors; those of all policies add up. `[{name: acme-key, regex: \"acme_[a-z0-9]{32}\", hosts: [api.acme.dev]}]` lets such a key go to api.acme.dev, not to www.acme.dev. Suppressions, `homeHosts` and `detectors.disabled` call it `pattern/acme-key`.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "name"
                ],
                "items": {
                  "title": "SecretPattern",
                  "description": "One format. `{name: acme-key, regex: \"acme_[a-z0-9]{32}\"}` finds such a key in any text, encoded or not, not one that is shorter.",
                  "type": "object",
                  "required": [
                    "name",
                    "regex"
                  ],
                  "properties": {
                    "name": {
                      "description": "What findings, suppressions and events call it, behind `pattern/`. `acme-key` is a name, `ACME key` is not.",
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 55,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    },
                    "regex": {
                      "description": "A regular expression of RE2, searched in text as bytes; `.` is one byte. Every match must hold a fixed text of at least 3 characters. `acme_[a-z0-9]{32}` has `acme_`; `[a-z0-9]{32}` has none and is refused, as are `^` and `$` (secrets stand within other text), backreferences and lookaround. In host names, which have no case, it matches letters of either case.",
                      "type": "string",
                      "minLength": 3,
                      "maxLength": 512,
                      "pattern": "^[ -~]+$",
                      "x-kubernetes-validations": [
                        {
                          "rule": "!self.matches('(^|[^\\\\x5c])(\\\\x5c\\\\x5c)*\\\\x5c[1-9]')",
                          "message": "a backreference cannot be searched for in linear time: write out what may stand there"
                        },
                        {
                          "rule": "!self.matches('(^|[^\\\\x5c])(\\\\x5c\\\\x5c)*[(][?]<?[=!]')",
                          "message": "lookaround cannot be searched for in linear time: leave it out, or use \\b"
                        }
                      ]
                    },
                    "hosts": {
                      "description": "Hosts where it belongs, as in `to.hosts`; absent: none. `[api.acme.dev]` lets it go there, not to `x.api.acme.dev`.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "x-kubernetes-validations": [
                          {
                            "rule": "!self.matches('[\\\\x00-)+,/:-@\\\\[-^`{-\\\\x7f]')",
                            "message": "write the host name alone, without scheme, port, path, brackets or blanks"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^*]+$')",
                            "message": "`*` is only allowed as the whole first label: *.acme.dev"
                          },
                          {
                            "rule": "self.matches('^([*][.])?[^.]+([.][^.]+)*[.]?$')",
                            "message": "a host has no empty label: one dot between two names, none before the first"
                          },
                          {
                            "rule": "!self.matches('(^|[.])-|-([.]|$)')",
                            "message": "a label neither starts nor ends with a hyphen"
                          },
                          {
                            "rule": "!self.matches('(^|[.])([0-9]+|0[Xx][0-9A-Fa-f]*)[.]?$')",
                            "message": "an address cannot be allowed, since Weir resolves names itself: write the host name that the client uses"
                          },
                          {
                            "rule": "!self.lowerAscii().matches('(^|[.])localhost[.]?$')",
                            "message": "loopback never leaves the pod, so there is nothing to allow: remove it"
                          }
                        ]
                      }
                    }
                  }
                }
              }
            }
          },
          "dns": {
            "title": "DnsRules",
            "description": "How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies. `{queryTypes: [A]}` answers A queries for allowed names, not AAAA queries.",
            "type": "object",
            "properties": {
              "queryTypes": {
                "description": "Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records, not TXT; HTTPS and SVCB records never are.",
                "type": "array",
                "minItems": 1,
                "maxItems": 9,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "enum": [
                    "A",
                    "AAAA",
                    "TXT",
                    "MX",
                    "SRV",
                    "CAA",
                    "NS",
                    "SOA",
                    "PTR"
                  ]
                }
              },
              "budget": {
                "description": "Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. Under `3`, `a.acme.dev` and `bc.acme.dev` fit, and asking again is free; `d.acme.dev` after them does not fit.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 1000000
              },
              "denied": {
                "description": "What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name. `NXDOMAIN` is not a value.",
                "type": "string",
                "enum": [
                  "Explain",
                  "NXDomain"
                ]
              }
            }
          },
          "pod": {
            "title": "PodSettings",
            "description": "What the pod itself may see. Taken when a pod is admitted: a change is for pods made later. Of several policies for a pod, the strictest applies. `{maskedPaths: [/root/.ssh]}` hides that directory of the image, not `/root`.",
            "type": "object",
            "minProperties": 1,
            "properties": {
              "maskedPaths": {
                "description": "Paths that the containers see as empty directories, which nothing can be written to; those of all policies add up. `[/root/.aws]` hides `/root/.aws/credentials`, not `/root/.ssh`. Names of letters, digits and `._@+~-`.",
                "type": "array",
                "minItems": 1,
                "maxItems": 32,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 2,
                  "maxLength": 256,
                  "pattern": "^(/[.]*[A-Za-z0-9_@+~-][A-Za-z0-9._@+~-]*)+$",
                  "x-kubernetes-validations": [
                    {
                      "rule": "!self.matches('^/((proc|sys|dev|etc/weir|run/secrets|var/run/secrets)(/.*)?|etc|run|var|var/run)$')",
                      "message": "Kubernetes or Weir needs this path: name a narrower one; the ServiceAccount token is removed by serviceAccountToken: Remove"
                    }
                  ]
                }
              },
              "serviceAccountToken": {
                "description": "`Keep` (unless said) leaves the pod's ServiceAccount token where Kubernetes mounts it; `Remove` takes that mount out of the containers, and not other projected volumes. `Delete` is not a value.",
                "type": "string",
                "enum": [
                  "Keep",
                  "Remove"
                ]
              }
            }
          }
        },
        "x-kubernetes-validations": [
          {
            "rule": "!has(self.content) || !has(self.content.suppressions) || self.content.suppressions.all(s, has(self.egress) && self.egress.exists(e, e.name == s.rule))",
            "fieldPath": ".content.suppressions",
            "message": "a suppression names a rule that this policy does not have: write the name of one in egress"
          }
        ]
      },
      "status": {
        "title": "PolicyStatus",
        "description": "What Weir's control plane found, written by it alone. `kubectl get -o yaml` shows it; it is not part of what you write. Without a control plane nothing fills it in.",
        "type": "object",
        "properties": {
          "pods": {
            "title": "PodCounts",
            "description": "Injected pods, counted now and then. `{matched: 3, current: 2}` says that the policy is for three, not that all three run under it as written.",
            "type": "object",
            "required": [
              "matched",
              "current"
            ],
            "properties": {
              "matched": {
                "description": "Pods that the policy selects. `3` counts three running pods, not one that has ended.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 2147483647
              },
              "current": {
                "description": "Of those, pods that have it as written. `2` of three: one has not fetched it yet, or needs to be made anew, and is not counted.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 2147483647
              }
            }
          },
          "conditions": {
            "description": "`Accepted` is True when the policy is compiled as written, and not when a part of it is refused or lies outside a constraint of the cluster. `ResolvedRefs` is True when this version of Weir knows the presets and detectors that the policy names, and not when it does not know one. `PodsCurrent` is True when every pod that it selects runs under it as written, and not when one has to be made anew (`RecreateRequired`).",
            "type": "array",
            "maxItems": 8,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "type"
            ],
            "items": {
              "title": "Condition",
              "description": "One condition, as Kubernetes has them. `{type: Accepted, status: \"True\"}` says yes, `status: yes` is not a value.",
              "type": "object",
              "required": [
                "type",
                "status",
                "lastTransitionTime",
                "reason",
                "message"
              ],
              "properties": {
                "type": {
                  "description": "`Accepted` is a type, `not accepted` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[A-Za-z]([A-Za-z0-9]*)$"
                },
                "status": {
                  "description": "`\"True\"` is a status, `true` without quotes is not.",
                  "type": "string",
                  "enum": [
                    "True",
                    "False",
                    "Unknown"
                  ]
                },
                "observedGeneration": {
                  "description": "The `metadata.generation` that was looked at. With generation 3, `3` is current and `2` is not.",
                  "type": "integer",
                  "format": "int64",
                  "minimum": 0,
                  "maximum": 9007199254740991
                },
                "lastTransitionTime": {
                  "description": "When `status` last changed. `2026-11-25T10:00:00Z` is a time, `yesterday` is not.",
                  "type": "string",
                  "format": "date-time",
                  "maxLength": 40
                },
                "reason": {
                  "description": "Why, for programs. `ConstraintViolated` is a reason, `constraint violated` is not.",
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "pattern": "^[A-Za-z]([A-Za-z0-9]*)$"
                },
                "message": {
                  "description": "Why, for people. `rule db lies outside a constraint` is a message, a list is not.",
                  "type": "string",
                  "maxLength": 4096
                }
              }
            }
          }
        }
      }
    }
  }
};
