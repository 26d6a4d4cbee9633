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
        "type": "string"
      },
      "kind": {
        "type": "string"
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "title": "EgressPolicySpec",
        "type": "object",
        "properties": {
          "podSelector": {
            "title": "PodSelector",
            "description": "The pods that the policy is for. Empty or absent: every injected pod of the namespace. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.",
            "type": "object",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that a pod must have, all of them.",
                "type": "object",
                "maxProperties": 64,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                }
              },
              "matchExpressions": {
                "description": "Conditions on labels, all of which must hold.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. A pod without the label matches `NotIn`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
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
                      "message": "In and NotIn need values; Exists and DoesNotExist take none"
                    }
                  ]
                }
              }
            }
          },
          "mode": {
            "description": "`Audit` judges and reports, and lets pass. It still refuses private addresses, secrets and what cannot be parsed. A pod is in Enforce unless every policy that selects it is Audit.",
            "type": "string",
            "enum": [
              "Enforce",
              "Audit"
            ],
            "default": "Enforce"
          },
          "egress": {
            "description": "What is allowed. Absent or empty, nothing is.",
            "type": "array",
            "maxItems": 128,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "title": "EgressRule",
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
                  "description": "`HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`.",
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
                  "description": "Where to. With a preset, each field given here replaces the preset's.",
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
                        "maxLength": 1012
                      }
                    },
                    "ports": {
                      "description": "Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. 53 is refused: DNS has its own judge.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 65535
                      }
                    },
                    "addressScope": {
                      "description": "Where the name may resolve to. `Public` admits public addresses alone; `Private` also RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.",
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
                  "description": "A tool's needs, known by name: `npm-install` allows reading from a registry, and not publishing to it; `git-fetch` allows clone and fetch, and not push. `http` narrows it.",
                  "type": "object",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    }
                  }
                },
                "http": {
                  "description": "Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 32,
                  "x-kubernetes-list-type": "atomic",
                  "items": {
                    "title": "HttpRule",
                    "description": "A request matches when it satisfies every field given here.",
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                      "methods": {
                        "description": "Methods, in capitals as HTTP has them. `[GET]` admits GET, and neither HEAD nor POST.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 16,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 32,
                          "pattern": "^[A-Z][A-Z-]*$"
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
                          "pattern": "^/"
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
                          "type": "object",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "maxLength": 256
                            },
                            "values": {
                              "description": "Values it may have, decoded. Absent means any.",
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
                        "description": "Media types that a request with a body may declare, without parameters. `application/json` also admits `application/json; charset=utf-8`, but not a body without a type.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "maxLength": 255,
                          "pattern": "^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$"
                        }
                      },
                      "maxBodySize": {
                        "description": "Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `0` admits no body.",
                        "x-kubernetes-int-or-string": true,
                        "maxLength": 19,
                        "pattern": "^[0-9]+(Ki|Mi|Gi)?$"
                      },
                      "forwardHeaders": {
                        "description": "Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `Host`, framing and connection headers are Weir's own.",
                        "type": "array",
                        "maxItems": 64,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 128,
                          "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
                        }
                      }
                    }
                  }
                },
                "limits": {
                  "title": "Limits",
                  "description": "What the rule may spend in the life of a pod, over all connections.",
                  "type": "object",
                  "minProperties": 1,
                  "properties": {
                    "uploadSize": {
                      "description": "Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.",
                      "x-kubernetes-int-or-string": true,
                      "maxLength": 19,
                      "pattern": "^[0-9]+(Ki|Mi|Gi)?$"
                    },
                    "requests": {
                      "description": "HTTP requests; under TLS and TCP, connections.",
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
                  "message": "to.hosts is required without a preset"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (has(self.limits) && has(self.limits.uploadSize))",
                  "message": "TLS and TCP need limits.uploadSize"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (!has(self.http) && !has(self.preset))",
                  "message": "http and preset are for HTTPS and HTTP"
                },
                {
                  "rule": "!has(self.protocol) || self.protocol != 'TCP' || (has(self.to) && has(self.to.ports))",
                  "message": "TCP needs to.ports"
                },
                {
                  "rule": "!has(self.to) || !has(self.to.ports) || !(53 in self.to.ports)",
                  "message": "port 53 is DNS, which has its own judge"
                }
              ]
            }
          },
          "content": {
            "title": "ContentRules",
            "description": "Exceptions from the inspection of content.",
            "type": "object",
            "properties": {
              "detectors": {
                "title": "DetectorSettings",
                "type": "object",
                "properties": {
                  "disabled": {
                    "description": "Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower.",
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
                "description": "Where a kind of secret belongs, besides where its detector says. `{detector: github-token, hosts: [ghe.acme.dev]}` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a DNS name.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector"
                ],
                "items": {
                  "title": "HomeHosts",
                  "type": "object",
                  "required": [
                    "detector",
                    "hosts"
                  ],
                  "properties": {
                    "detector": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 1012
                      }
                    }
                  }
                }
              },
              "suppressions": {
                "description": "Detectors that are off for one rule of this policy. `{detector: jwt, rule: metrics}` lets JWTs through in requests of the rule `metrics`, and in no others.",
                "type": "array",
                "maxItems": 128,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector",
                  "rule"
                ],
                "items": {
                  "title": "Suppression",
                  "type": "object",
                  "required": [
                    "detector",
                    "rule"
                  ],
                  "properties": {
                    "detector": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "rule": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    }
                  }
                }
              }
            }
          },
          "dns": {
            "title": "DnsRules",
            "description": "How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies.",
            "type": "object",
            "properties": {
              "queryTypes": {
                "description": "Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records; HTTPS and SVCB records never are.",
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
                "description": "Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. `a.acme.dev` and `bc.acme.dev` together cost 3; asking again is free.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 1000000
              },
              "denied": {
                "description": "What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name.",
                "type": "string",
                "enum": [
                  "Explain",
                  "NXDomain"
                ]
              }
            }
          }
        }
      }
    }
  },
  "ClusterEgressPolicy": {
    "title": "ClusterEgressPolicy",
    "description": "Constraints and shared allows of the platform, for the selected pods of the selected namespaces.",
    "type": "object",
    "required": [
      "apiVersion",
      "kind",
      "metadata",
      "spec"
    ],
    "properties": {
      "apiVersion": {
        "type": "string"
      },
      "kind": {
        "type": "string"
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "title": "ClusterEgressPolicySpec",
        "type": "object",
        "properties": {
          "namespaceSelector": {
            "title": "NamespaceSelector",
            "description": "The pods that the policy is for. Empty or absent: every injected pod of the namespace. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.",
            "type": "object",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that a pod must have, all of them.",
                "type": "object",
                "maxProperties": 64,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                }
              },
              "matchExpressions": {
                "description": "Conditions on labels, all of which must hold.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. A pod without the label matches `NotIn`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
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
                      "message": "In and NotIn need values; Exists and DoesNotExist take none"
                    }
                  ]
                }
              }
            }
          },
          "podSelector": {
            "title": "PodSelector",
            "description": "The pods that the policy is for. Empty or absent: every injected pod of the namespace. `{matchLabels: {stage: build}}` selects a pod labelled `stage: build`, not one labelled `stage: test`.",
            "type": "object",
            "default": {},
            "properties": {
              "matchLabels": {
                "description": "Labels that a pod must have, all of them.",
                "type": "object",
                "maxProperties": 64,
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
                }
              },
              "matchExpressions": {
                "description": "Conditions on labels, all of which must hold.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "title": "LabelExpression",
                  "type": "object",
                  "required": [
                    "key",
                    "operator"
                  ],
                  "properties": {
                    "key": {
                      "description": "A label key such as `stage` or `acme.dev/team`, not `acme.dev/`.",
                      "type": "string",
                      "maxLength": 317,
                      "pattern": "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$"
                    },
                    "operator": {
                      "description": "`In` and `NotIn` compare the value with `values`; `Exists` and `DoesNotExist` take no `values`. A pod without the label matches `NotIn`.",
                      "type": "string",
                      "enum": [
                        "In",
                        "NotIn",
                        "Exists",
                        "DoesNotExist"
                      ]
                    },
                    "values": {
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
                      "message": "In and NotIn need values; Exists and DoesNotExist take none"
                    }
                  ]
                }
              }
            }
          },
          "egress": {
            "description": "What is allowed. Absent or empty, nothing is.",
            "type": "array",
            "maxItems": 128,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "title": "EgressRule",
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
                  "description": "`HTTPS` (decrypted and judged) unless said; `HTTP` is plain; `TLS` is relayed undecrypted after its SNI was judged; `TCP` is relayed unseen. The last two carry bytes that nobody judges, and so need `limits.uploadSize`.",
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
                  "description": "Where to. With a preset, each field given here replaces the preset's.",
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
                        "maxLength": 1012
                      }
                    },
                    "ports": {
                      "description": "Ports. Absent: 443 for HTTPS and TLS, 80 for HTTP; TCP must say. 53 is refused: DNS has its own judge.",
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 65535
                      }
                    },
                    "addressScope": {
                      "description": "Where the name may resolve to. `Public` admits public addresses alone; `Private` also RFC 1918, unique local and carrier-grade NAT addresses. Loopback, link-local and metadata addresses are in neither.",
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
                  "description": "A tool's needs, known by name: `npm-install` allows reading from a registry, and not publishing to it; `git-fetch` allows clone and fetch, and not push. `http` narrows it.",
                  "type": "object",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
                    }
                  }
                },
                "http": {
                  "description": "Requests that are allowed: those that match at least one item. Absent: all, or with a preset all of the preset's; with a preset a request must match both.",
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 32,
                  "x-kubernetes-list-type": "atomic",
                  "items": {
                    "title": "HttpRule",
                    "description": "A request matches when it satisfies every field given here.",
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                      "methods": {
                        "description": "Methods, in capitals as HTTP has them. `[GET]` admits GET, and neither HEAD nor POST.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 16,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 32,
                          "pattern": "^[A-Z][A-Z-]*$"
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
                          "pattern": "^/"
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
                          "type": "object",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "maxLength": 256
                            },
                            "values": {
                              "description": "Values it may have, decoded. Absent means any.",
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
                        "description": "Media types that a request with a body may declare, without parameters. `application/json` also admits `application/json; charset=utf-8`, but not a body without a type.",
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 32,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "maxLength": 255,
                          "pattern": "^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$"
                        }
                      },
                      "maxBodySize": {
                        "description": "Largest request body, as sent. `16Ki` and `16384` are the same, `16K` is not a size; `0` admits no body.",
                        "x-kubernetes-int-or-string": true,
                        "maxLength": 19,
                        "pattern": "^[0-9]+(Ki|Mi|Gi)?$"
                      },
                      "forwardHeaders": {
                        "description": "Request headers that are forwarded; any other is dropped. Absent: all are. `Accept` and `accept` are the same; `Host`, framing and connection headers are Weir's own.",
                        "type": "array",
                        "maxItems": 64,
                        "x-kubernetes-list-type": "set",
                        "items": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 128,
                          "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
                        }
                      }
                    }
                  }
                },
                "limits": {
                  "title": "Limits",
                  "description": "What the rule may spend in the life of a pod, over all connections.",
                  "type": "object",
                  "minProperties": 1,
                  "properties": {
                    "uploadSize": {
                      "description": "Bytes sent: request bodies, and under TLS and TCP everything that the client sends. `10Mi` is a size, `10MB` is not.",
                      "x-kubernetes-int-or-string": true,
                      "maxLength": 19,
                      "pattern": "^[0-9]+(Ki|Mi|Gi)?$"
                    },
                    "requests": {
                      "description": "HTTP requests; under TLS and TCP, connections.",
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
                  "message": "to.hosts is required without a preset"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (has(self.limits) && has(self.limits.uploadSize))",
                  "message": "TLS and TCP need limits.uploadSize"
                },
                {
                  "rule": "!has(self.protocol) || !(self.protocol in ['TLS', 'TCP']) || (!has(self.http) && !has(self.preset))",
                  "message": "http and preset are for HTTPS and HTTP"
                },
                {
                  "rule": "!has(self.protocol) || self.protocol != 'TCP' || (has(self.to) && has(self.to.ports))",
                  "message": "TCP needs to.ports"
                },
                {
                  "rule": "!has(self.to) || !has(self.to.ports) || !(53 in self.to.ports)",
                  "message": "port 53 is DNS, which has its own judge"
                }
              ]
            }
          },
          "constraints": {
            "title": "Constraints",
            "description": "What rules may say at most.",
            "type": "object",
            "minProperties": 1,
            "properties": {
              "allowedHosts": {
                "description": "Hosts within which every host of a rule must lie.",
                "type": "array",
                "minItems": 1,
                "maxItems": 256,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256
                }
              },
              "deniedHosts": {
                "description": "Hosts that no rule may name or cover.",
                "type": "array",
                "minItems": 1,
                "maxItems": 256,
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256
                }
              },
              "allowedModes": {
                "description": "Modes that a policy may set.",
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
                }
              },
              "allowedProtocols": {
                "description": "Protocols that a rule may have.",
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
                "description": "Scopes that a rule may have.",
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
                }
              },
              "maxLimits": {
                "title": "MaxLimits",
                "description": "Most that one rule may spend.",
                "type": "object",
                "minProperties": 1,
                "properties": {
                  "uploadSize": {
                    "x-kubernetes-int-or-string": true,
                    "maxLength": 19,
                    "pattern": "^[0-9]+(Ki|Mi|Gi)?$"
                  },
                  "requests": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 1,
                    "maximum": 1000000000
                  }
                }
              },
              "content": {
                "description": "TightenOnly takes no exceptions from the content rules of EgressPolicies.",
                "type": "string",
                "enum": [
                  "TightenOnly"
                ]
              }
            }
          },
          "content": {
            "title": "ContentRules",
            "description": "Exceptions from the inspection of content.",
            "type": "object",
            "properties": {
              "detectors": {
                "title": "DetectorSettings",
                "type": "object",
                "properties": {
                  "disabled": {
                    "description": "Detectors that are off for the pod; of several policies for a pod, all must say so. Prefer `homeHosts` and `suppressions`, which are narrower.",
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
                "description": "Where a kind of secret belongs, besides where its detector says. `{detector: github-token, hosts: [ghe.acme.dev]}` lets such tokens go to ghe.acme.dev, not to x.acme.dev, and never in a DNS name.",
                "type": "array",
                "maxItems": 64,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector"
                ],
                "items": {
                  "title": "HomeHosts",
                  "type": "object",
                  "required": [
                    "detector",
                    "hosts"
                  ],
                  "properties": {
                    "detector": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "hosts": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 64,
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 1012
                      }
                    }
                  }
                }
              },
              "suppressions": {
                "description": "Detectors that are off for one rule of this policy. `{detector: jwt, rule: metrics}` lets JWTs through in requests of the rule `metrics`, and in no others.",
                "type": "array",
                "maxItems": 128,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": [
                  "detector",
                  "rule"
                ],
                "items": {
                  "title": "Suppression",
                  "type": "object",
                  "required": [
                    "detector",
                    "rule"
                  ],
                  "properties": {
                    "detector": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    },
                    "rule": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63
                    }
                  }
                }
              }
            }
          },
          "dns": {
            "title": "DnsRules",
            "description": "How names are looked up. Names that no rule allows never are. Of several policies that set a field, the strictest applies.",
            "type": "object",
            "properties": {
              "queryTypes": {
                "description": "Record types that are looked up for allowed names, `[A, AAAA]` unless said. `[A]` turns IPv6 addresses off, `[A, AAAA, SRV]` adds service records; HTTPS and SVCB records never are.",
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
                "description": "Characters of distinct subdomains that may be looked up under one registered domain by names that only a wildcard allows, in the life of a pod; 128 unless said. `a.acme.dev` and `bc.acme.dev` together cost 3; asking again is free.",
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 1000000
              },
              "denied": {
                "description": "What a client is told about a name that no rule allows. `Explain` (unless said) answers with an address where an HTTP client reads the reason; `NXDomain` says that there is no such name.",
                "type": "string",
                "enum": [
                  "Explain",
                  "NXDomain"
                ]
              }
            }
          }
        }
      }
    }
  }
};
