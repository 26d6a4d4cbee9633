// Made by crds/generate.ts; do not edit.
import type { Preset } from './presets.ts';

export const PRESETS: readonly Preset[] = [
  {
    "name": "git-fetch",
    "revision": 1,
    "description": "git clone, fetch and submodule update over smart HTTP, shallow and partial ones too. Not push, not LFS.",
    "source": [
      "https://git-scm.com/docs/http-protocol",
      "https://git-scm.com/docs/protocol-v2",
      "https://git-scm.com/docs/git-http-backend"
    ],
    "protocol": "HTTPS",
    "hosts": [
      "github.com"
    ],
    "ports": [
      443
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "accept-language",
      "authorization",
      "content-encoding",
      "content-type",
      "git-protocol",
      "pragma",
      "user-agent"
    ],
    "http": [
      {
        "methods": [
          "GET"
        ],
        "paths": [
          "/**/info/refs"
        ],
        "query": [
          {
            "name": "service",
            "values": [
              "git-upload-pack"
            ]
          }
        ],
        "maxBodySize": 0
      },
      {
        "methods": [
          "POST"
        ],
        "paths": [
          "/**/git-upload-pack"
        ],
        "query": [],
        "contentTypes": [
          "application/x-git-upload-pack-request"
        ],
        "maxBodySize": "16Mi"
      }
    ],
    "allows": [
      {
        "what": "discover references",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-upload-pack"
      },
      {
        "what": "discover references without .git",
        "method": "GET",
        "url": "/acme/web/info/refs?service=git-upload-pack"
      },
      {
        "what": "discover references of a nested group",
        "method": "GET",
        "url": "/acme/platform/tools/cli.git/info/refs?service=git-upload-pack"
      },
      {
        "what": "fetch",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack",
        "contentType": "application/x-git-upload-pack-request",
        "bodySize": 1200
      },
      {
        "what": "fetch with many references",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack",
        "contentType": "application/x-git-upload-pack-request",
        "bodySize": 16777216
      }
    ],
    "refuses": [
      {
        "what": "begin a push",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-receive-pack",
        "reason": "http.query"
      },
      {
        "what": "push",
        "method": "POST",
        "url": "/acme/web.git/git-receive-pack",
        "contentType": "application/x-git-receive-pack-request",
        "bodySize": 900,
        "reason": "http.path"
      },
      {
        "what": "push disguised by a second service",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-upload-pack&service=git-receive-pack",
        "reason": "http.query"
      },
      {
        "what": "push disguised by another separator",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-upload-pack;service=git-receive-pack",
        "reason": "http.query"
      },
      {
        "what": "data in a further parameter",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-upload-pack&d=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "data in the query of a fetch",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack?d=c2VjcmV0",
        "contentType": "application/x-git-upload-pack-request",
        "bodySize": 10,
        "reason": "http.query"
      },
      {
        "what": "discovery in the old protocol",
        "method": "GET",
        "url": "/acme/web.git/info/refs",
        "reason": "http.query"
      },
      {
        "what": "a body with discovery",
        "method": "GET",
        "url": "/acme/web.git/info/refs?service=git-upload-pack",
        "bodySize": 1,
        "reason": "http.body-size"
      },
      {
        "what": "another type of body",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack",
        "contentType": "text/plain",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "a body without a type",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "a negotiation that is too long",
        "method": "POST",
        "url": "/acme/web.git/git-upload-pack",
        "contentType": "application/x-git-upload-pack-request",
        "bodySize": 16777217,
        "reason": "http.body-size"
      },
      {
        "what": "escape by dot segments",
        "method": "POST",
        "url": "/acme/web.git/git-receive-pack/%2e%2e/git-upload-pack",
        "contentType": "application/x-git-upload-pack-request",
        "bodySize": 10,
        "reason": "http.malformed"
      },
      {
        "what": "LFS batch",
        "method": "POST",
        "url": "/acme/web.git/info/lfs/objects/batch",
        "contentType": "application/vnd.git-lfs+json",
        "bodySize": 200,
        "reason": "http.path"
      },
      {
        "what": "a page",
        "method": "GET",
        "url": "/acme/web",
        "reason": "http.path"
      },
      {
        "what": "delete",
        "method": "DELETE",
        "url": "/acme/web.git/git-upload-pack",
        "reason": "http.method"
      }
    ]
  },
  {
    "name": "npm-install",
    "revision": 1,
    "description": "Reading packages from an npm registry (npm, pnpm and yarn install, ci, audit, ping). Not publish, login, tokens or tags.",
    "source": [
      "https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md",
      "https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md",
      "https://docs.npmjs.com/cli/commands/npm-audit",
      "https://verdaccio.org/docs/packages",
      "https://help.sonatype.com/en/npm-registry.html",
      "https://jfrog.com/help/r/jfrog-artifactory-documentation/npm-registry",
      "https://docs.gitlab.com/user/packages/npm_registry/",
      "https://docs.aws.amazon.com/codeartifact/latest/ug/npm-auth.html",
      "https://learn.microsoft.com/azure/devops/artifacts/npm/npmrc",
      "https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-npm-registry"
    ],
    "protocol": "HTTPS",
    "hosts": [
      "registry.npmjs.org"
    ],
    "ports": [
      443
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "authorization",
      "content-encoding",
      "content-type",
      "if-modified-since",
      "if-none-match",
      "npm-auth-type",
      "npm-command",
      "range",
      "user-agent"
    ],
    "http": [
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/*",
          "/@*/*",
          "/**/repository/*/*",
          "/**/repository/*/@*/*",
          "/**/api/npm/*/*",
          "/**/api/npm/*/@*/*",
          "/**/packages/npm/*",
          "/**/packages/npm/@*/*",
          "/npm/*/*",
          "/npm/*/@*/*",
          "/**/_packaging/*/npm/registry/*",
          "/**/_packaging/*/npm/registry/@*/*"
        ]
      },
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/**/-/*.tgz",
          "/**/-/@*/*.tgz",
          "/download/@*/*/*/*"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/**/-/ping",
          "/**/-/npm/v1/keys",
          "/**/-/npm/v1/attestations/**"
        ]
      },
      {
        "methods": [
          "POST"
        ],
        "query": [],
        "contentTypes": [
          "application/json"
        ],
        "maxBodySize": "1Mi",
        "paths": [
          "/**/-/npm/v1/security/advisories/bulk"
        ]
      },
      {
        "methods": [
          "POST"
        ],
        "query": [],
        "contentTypes": [
          "application/json"
        ],
        "maxBodySize": "4Mi",
        "paths": [
          "/**/-/npm/v1/security/audits/quick"
        ]
      }
    ],
    "allows": [
      {
        "what": "package document",
        "method": "GET",
        "url": "/left-pad"
      },
      {
        "what": "package document with dots",
        "method": "GET",
        "url": "/socket.io"
      },
      {
        "what": "scoped package document",
        "method": "GET",
        "url": "/@types%2fnode"
      },
      {
        "what": "scoped package document in capitals",
        "method": "GET",
        "url": "/@types%2Fnode"
      },
      {
        "what": "scoped package document with a plain slash",
        "method": "GET",
        "url": "/@types/node"
      },
      {
        "what": "scope encoded too",
        "method": "GET",
        "url": "/%40types%2fnode"
      },
      {
        "what": "tarball",
        "method": "GET",
        "url": "/left-pad/-/left-pad-1.3.0.tgz"
      },
      {
        "what": "scoped tarball",
        "method": "GET",
        "url": "/@types/node/-/node-24.0.0.tgz"
      },
      {
        "what": "scoped tarball that repeats the scope",
        "method": "GET",
        "url": "/@types/node/-/@types/node-24.0.0.tgz"
      },
      {
        "what": "tarball check",
        "method": "HEAD",
        "url": "/left-pad/-/left-pad-1.3.0.tgz"
      },
      {
        "what": "audit",
        "method": "POST",
        "url": "/-/npm/v1/security/advisories/bulk",
        "contentType": "application/json",
        "bodySize": 1048576
      },
      {
        "what": "audit in the older form",
        "method": "POST",
        "url": "/-/npm/v1/security/audits/quick",
        "contentType": "application/json",
        "bodySize": 4194304
      },
      {
        "what": "ping",
        "method": "GET",
        "url": "/-/ping"
      },
      {
        "what": "signature keys",
        "method": "GET",
        "url": "/-/npm/v1/keys"
      },
      {
        "what": "attestations",
        "method": "GET",
        "url": "/-/npm/v1/attestations/sigstore@3.0.0"
      },
      {
        "what": "Nexus",
        "method": "GET",
        "url": "/nexus/repository/npm-all/@types%2fnode"
      },
      {
        "what": "Nexus tarball",
        "method": "GET",
        "url": "/repository/npm-all/left-pad/-/left-pad-1.3.0.tgz"
      },
      {
        "what": "Nexus audit",
        "method": "POST",
        "url": "/repository/npm-all/-/npm/v1/security/advisories/bulk",
        "contentType": "application/json",
        "bodySize": 100
      },
      {
        "what": "Artifactory",
        "method": "GET",
        "url": "/artifactory/api/npm/npm-remote/left-pad"
      },
      {
        "what": "GitLab",
        "method": "GET",
        "url": "/api/v4/projects/42/packages/npm/@acme%2fweb"
      },
      {
        "what": "CodeArtifact",
        "method": "GET",
        "url": "/npm/acme/left-pad"
      },
      {
        "what": "Azure Artifacts",
        "method": "GET",
        "url": "/acme/web/_packaging/all/npm/registry/@types%2fnode"
      },
      {
        "what": "GitHub Packages tarball",
        "method": "GET",
        "url": "/download/@acme/web/1.0.0/0123abcd"
      }
    ],
    "refuses": [
      {
        "what": "publish",
        "method": "PUT",
        "url": "/left-pad",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.method"
      },
      {
        "what": "publish scoped",
        "method": "PUT",
        "url": "/@acme%2fweb",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.method"
      },
      {
        "what": "unpublish",
        "method": "DELETE",
        "url": "/left-pad/-rev/1-abc",
        "reason": "http.method"
      },
      {
        "what": "login by CouchDB user",
        "method": "PUT",
        "url": "/-/user/org.couchdb.user:me",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.method"
      },
      {
        "what": "login on the web",
        "method": "POST",
        "url": "/-/v1/login",
        "contentType": "application/json",
        "bodySize": 2,
        "reason": "http.path"
      },
      {
        "what": "end of login on the web",
        "method": "GET",
        "url": "/-/v1/done?authId=abc",
        "reason": "http.path"
      },
      {
        "what": "make a token",
        "method": "POST",
        "url": "/-/npm/v1/tokens",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.path"
      },
      {
        "what": "list tokens",
        "method": "GET",
        "url": "/-/npm/v1/tokens",
        "reason": "http.path"
      },
      {
        "what": "profile",
        "method": "GET",
        "url": "/-/npm/v1/user",
        "reason": "http.path"
      },
      {
        "what": "whoami",
        "method": "GET",
        "url": "/-/whoami",
        "reason": "http.path"
      },
      {
        "what": "set a tag",
        "method": "PUT",
        "url": "/-/package/left-pad/dist-tags/latest",
        "contentType": "application/json",
        "bodySize": 7,
        "reason": "http.method"
      },
      {
        "what": "remove a tag",
        "method": "DELETE",
        "url": "/-/package/left-pad/dist-tags/beta",
        "reason": "http.method"
      },
      {
        "what": "stars",
        "method": "GET",
        "url": "/-/_view/starredByUser?key=me",
        "reason": "http.path"
      },
      {
        "what": "search with free text",
        "method": "GET",
        "url": "/-/v1/search?text=c2VjcmV0",
        "reason": "http.path"
      },
      {
        "what": "data in the query of a document",
        "method": "GET",
        "url": "/left-pad?d=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "the start of a publish",
        "method": "GET",
        "url": "/left-pad?write=true",
        "reason": "http.query"
      },
      {
        "what": "a body with a document",
        "method": "GET",
        "url": "/left-pad",
        "contentType": "application/json",
        "bodySize": 1,
        "reason": "http.body-size"
      },
      {
        "what": "an audit of another type",
        "method": "POST",
        "url": "/-/npm/v1/security/advisories/bulk",
        "contentType": "application/octet-stream",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "an audit that is too large",
        "method": "POST",
        "url": "/-/npm/v1/security/advisories/bulk",
        "contentType": "application/json",
        "bodySize": 1048577,
        "reason": "http.body-size"
      },
      {
        "what": "escape by dot segments",
        "method": "GET",
        "url": "/left-pad/-/..%2f..%2f-/whoami",
        "reason": "http.malformed"
      },
      {
        "what": "escape by double encoding",
        "method": "GET",
        "url": "/left-pad%252f-%252fleft-pad-1.3.0.tgz",
        "reason": "http.malformed"
      },
      {
        "what": "a document in a deep place",
        "method": "GET",
        "url": "/some/where/else",
        "reason": "http.path"
      }
    ]
  },
  {
    "name": "npm-publish",
    "revision": 1,
    "description": "Publishing packages to an npm registry (npm, pnpm and yarn publish, dist-tag add). What is published leaves by design; a deprecation has the same form as a publish. Not unpublish, login, owners or tokens. Provenance goes to sigstore's hosts, which this does not cover.",
    "source": [
      "https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md",
      "https://github.com/npm/cli/blob/latest/workspaces/libnpmpublish/lib/publish.js",
      "https://github.com/npm/cli/blob/latest/lib/utils/oidc.js",
      "https://docs.npmjs.com/cli/commands/npm-dist-tag",
      "https://docs.npmjs.com/trusted-publishers",
      "https://docs.gitlab.com/user/packages/npm_registry/"
    ],
    "protocol": "HTTPS",
    "hosts": [
      "registry.npmjs.org"
    ],
    "ports": [
      443
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "authorization",
      "content-encoding",
      "content-type",
      "if-none-match",
      "npm-auth-type",
      "npm-command",
      "npm-otp",
      "npm-scope",
      "user-agent"
    ],
    "http": [
      {
        "methods": [
          "PUT"
        ],
        "query": [],
        "contentTypes": [
          "application/json"
        ],
        "maxBodySize": "256Mi",
        "paths": [
          "/*",
          "/@*/*",
          "/**/repository/*/*",
          "/**/repository/*/@*/*",
          "/**/api/npm/*/*",
          "/**/api/npm/*/@*/*",
          "/**/packages/npm/*",
          "/**/packages/npm/@*/*",
          "/npm/*/*",
          "/npm/*/@*/*",
          "/**/_packaging/*/npm/registry/*",
          "/**/_packaging/*/npm/registry/@*/*"
        ]
      },
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/*",
          "/@*/*",
          "/**/repository/*/*",
          "/**/repository/*/@*/*",
          "/**/api/npm/*/*",
          "/**/api/npm/*/@*/*",
          "/**/packages/npm/*",
          "/**/packages/npm/@*/*",
          "/npm/*/*",
          "/npm/*/@*/*",
          "/**/_packaging/*/npm/registry/*",
          "/**/_packaging/*/npm/registry/@*/*"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "write",
            "values": [
              "true"
            ]
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/*",
          "/@*/*",
          "/**/repository/*/*",
          "/**/repository/*/@*/*",
          "/**/api/npm/*/*",
          "/**/api/npm/*/@*/*",
          "/**/packages/npm/*",
          "/**/packages/npm/@*/*",
          "/npm/*/*",
          "/npm/*/@*/*",
          "/**/_packaging/*/npm/registry/*",
          "/**/_packaging/*/npm/registry/@*/*"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/**/-/package/*/visibility",
          "/**/-/package/@*/*/visibility",
          "/**/-/package/*/dist-tags",
          "/**/-/package/@*/*/dist-tags"
        ]
      },
      {
        "methods": [
          "PUT"
        ],
        "query": [],
        "contentTypes": [
          "application/json"
        ],
        "maxBodySize": 256,
        "paths": [
          "/**/-/package/*/dist-tags/*",
          "/**/-/package/@*/*/dist-tags/*"
        ]
      },
      {
        "methods": [
          "POST"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/**/-/npm/v1/oidc/token/exchange/package/*",
          "/**/-/npm/v1/oidc/token/exchange/package/@*/*"
        ]
      }
    ],
    "allows": [
      {
        "what": "publish",
        "method": "PUT",
        "url": "/left-pad",
        "contentType": "application/json",
        "bodySize": 65536
      },
      {
        "what": "publish scoped",
        "method": "PUT",
        "url": "/@acme%2fweb",
        "contentType": "application/json",
        "bodySize": 268435456
      },
      {
        "what": "look at the package",
        "method": "GET",
        "url": "/@acme%2fweb"
      },
      {
        "what": "look again after a conflict",
        "method": "GET",
        "url": "/@acme%2fweb?write=true"
      },
      {
        "what": "ask whether it is public",
        "method": "GET",
        "url": "/-/package/@acme%2fweb/visibility"
      },
      {
        "what": "exchange an identity token",
        "method": "POST",
        "url": "/-/npm/v1/oidc/token/exchange/package/@acme%2fweb"
      },
      {
        "what": "list tags",
        "method": "GET",
        "url": "/-/package/left-pad/dist-tags"
      },
      {
        "what": "set a tag",
        "method": "PUT",
        "url": "/-/package/left-pad/dist-tags/latest",
        "contentType": "application/json",
        "bodySize": 7
      },
      {
        "what": "publish to GitLab",
        "method": "PUT",
        "url": "/api/v4/projects/42/packages/npm/@acme%2fweb",
        "contentType": "application/json",
        "bodySize": 100
      },
      {
        "what": "publish to Nexus",
        "method": "PUT",
        "url": "/repository/npm-hosted/left-pad",
        "contentType": "application/json",
        "bodySize": 100
      }
    ],
    "refuses": [
      {
        "what": "a package that is too large",
        "method": "PUT",
        "url": "/left-pad",
        "contentType": "application/json",
        "bodySize": 268435457,
        "reason": "http.body-size"
      },
      {
        "what": "something else than JSON",
        "method": "PUT",
        "url": "/left-pad",
        "contentType": "application/octet-stream",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "a body without a type",
        "method": "PUT",
        "url": "/left-pad",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "data in the query of a publish",
        "method": "PUT",
        "url": "/left-pad?d=c2VjcmV0",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.query"
      },
      {
        "what": "more than a version in a tag",
        "method": "PUT",
        "url": "/-/package/left-pad/dist-tags/latest",
        "contentType": "application/json",
        "bodySize": 257,
        "reason": "http.body-size"
      },
      {
        "what": "unpublish",
        "method": "DELETE",
        "url": "/left-pad/-rev/1-abc",
        "reason": "http.method"
      },
      {
        "what": "unpublish a version",
        "method": "PUT",
        "url": "/left-pad/-rev/1-abc",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.path"
      },
      {
        "what": "remove a tag",
        "method": "DELETE",
        "url": "/-/package/left-pad/dist-tags/beta",
        "reason": "http.method"
      },
      {
        "what": "login by CouchDB user",
        "method": "PUT",
        "url": "/-/user/org.couchdb.user:me",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.path"
      },
      {
        "what": "login on the web",
        "method": "POST",
        "url": "/-/v1/login",
        "contentType": "application/json",
        "bodySize": 2,
        "reason": "http.path"
      },
      {
        "what": "make a token",
        "method": "POST",
        "url": "/-/npm/v1/tokens",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.path"
      },
      {
        "what": "a body with an identity token",
        "method": "POST",
        "url": "/-/npm/v1/oidc/token/exchange/package/left-pad",
        "contentType": "application/json",
        "bodySize": 1,
        "reason": "http.body-size"
      },
      {
        "what": "make a user an owner",
        "method": "PUT",
        "url": "/-/org/acme/user",
        "contentType": "application/json",
        "bodySize": 40,
        "reason": "http.path"
      },
      {
        "what": "a tarball",
        "method": "GET",
        "url": "/left-pad/-/left-pad-1.3.0.tgz",
        "reason": "http.path"
      },
      {
        "what": "search with free text",
        "method": "GET",
        "url": "/-/v1/search?text=c2VjcmV0",
        "reason": "http.path"
      },
      {
        "what": "who the token belongs to",
        "method": "GET",
        "url": "/-/whoami",
        "reason": "http.path"
      },
      {
        "what": "escape by dot segments",
        "method": "PUT",
        "url": "/left-pad/..%2f-%2fuser%2fme",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.malformed"
      }
    ]
  },
  {
    "name": "oci-pull",
    "revision": 1,
    "description": "Pulling images and artefacts from an OCI registry (docker, podman, containerd, buildah, crane, helm pull), Docker Hub unless other hosts are named: then the registry, its token service and where it redirects blobs to. Not push, delete, mount or the catalogue.",
    "source": [
      "https://github.com/opencontainers/distribution-spec/blob/main/spec.md",
      "https://distribution.github.io/distribution/spec/auth/token/",
      "https://distribution.github.io/distribution/spec/auth/oauth/",
      "https://docs.docker.com/desktop/setup/allow-list/",
      "https://github.com/containerd/containerd/blob/main/core/remotes/docker/auth/fetch.go"
    ],
    "protocol": "HTTPS",
    "hosts": [
      "registry-1.docker.io",
      "auth.docker.io",
      "production.cloudflare.docker.com"
    ],
    "ports": [
      443
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "authorization",
      "content-type",
      "if-none-match",
      "range",
      "user-agent"
    ],
    "http": [
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/v2/",
          "/v2/**/manifests/*",
          "/v2/**/blobs/sha256:*",
          "/v2/**/blobs/sha512:*",
          "/v2/**/referrers/sha256:*",
          "/v2/**/tags/list"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "n"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/v2/**/tags/list"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "n"
          },
          {
            "name": "last"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/v2/**/tags/list"
        ]
      },
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [
          {
            "name": "ns"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/v2/**/manifests/*",
          "/v2/**/blobs/sha256:*"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "service"
          },
          {
            "name": "scope"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/token",
          "/v2/token",
          "/v2/auth",
          "/service/token",
          "/jwt/auth",
          "/artifactory/api/docker/*/v2/token"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "account"
          },
          {
            "name": "service"
          },
          {
            "name": "scope"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/token",
          "/v2/token",
          "/v2/auth",
          "/service/token",
          "/jwt/auth",
          "/artifactory/api/docker/*/v2/token"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [
          {
            "name": "account"
          },
          {
            "name": "client_id"
          },
          {
            "name": "offline_token"
          },
          {
            "name": "service"
          },
          {
            "name": "scope"
          }
        ],
        "maxBodySize": 0,
        "paths": [
          "/token",
          "/v2/token",
          "/v2/auth",
          "/service/token",
          "/jwt/auth",
          "/artifactory/api/docker/*/v2/token"
        ]
      },
      {
        "methods": [
          "POST"
        ],
        "query": [],
        "contentTypes": [
          "application/x-www-form-urlencoded"
        ],
        "maxBodySize": "16Ki",
        "paths": [
          "/token",
          "/v2/token",
          "/v2/auth",
          "/service/token",
          "/jwt/auth",
          "/artifactory/api/docker/*/v2/token"
        ]
      },
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "maxBodySize": 0,
        "paths": [
          "/registry-v2/docker/registry/v2/blobs/sha256/*/*/data"
        ]
      }
    ],
    "allows": [
      {
        "what": "ask for the version of the API",
        "method": "GET",
        "url": "/v2/"
      },
      {
        "what": "manifest by tag",
        "method": "GET",
        "url": "/v2/library/alpine/manifests/3.20"
      },
      {
        "what": "manifest by digest",
        "method": "HEAD",
        "url": "/v2/library/alpine/manifests/sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d"
      },
      {
        "what": "blob",
        "method": "GET",
        "url": "/v2/library/alpine/blobs/sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d"
      },
      {
        "what": "blob of a nested repository",
        "method": "GET",
        "url": "/v2/acme/platform/web/blobs/sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d"
      },
      {
        "what": "blob where it was redirected to",
        "method": "GET",
        "url": "/registry-v2/docker/registry/v2/blobs/sha256/be/beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d/data?expires=1764000000&signature=abc&version=2"
      },
      {
        "what": "tags",
        "method": "GET",
        "url": "/v2/library/alpine/tags/list"
      },
      {
        "what": "a page of tags",
        "method": "GET",
        "url": "/v2/library/alpine/tags/list?n=100&last=3.20"
      },
      {
        "what": "referrers",
        "method": "GET",
        "url": "/v2/acme/web/referrers/sha256:beefdbd8a1da6d2915566fde36db9db0b524eb737fc57cd1367effd16dc0d06d"
      },
      {
        "what": "token of the anonymous",
        "method": "GET",
        "url": "/token?service=registry.docker.io&scope=repository%3Alibrary%2Falpine%3Apull"
      },
      {
        "what": "token of a user",
        "method": "GET",
        "url": "/token?account=me&client_id=docker&offline_token=true&service=registry.docker.io&scope=repository%3Aacme%2Fweb%3Apull"
      },
      {
        "what": "token by OAuth",
        "method": "POST",
        "url": "/token",
        "contentType": "application/x-www-form-urlencoded",
        "bodySize": 16384
      },
      {
        "what": "manifest from a mirror",
        "method": "GET",
        "url": "/v2/library/alpine/manifests/3.20?ns=docker.io"
      }
    ],
    "refuses": [
      {
        "what": "begin an upload",
        "method": "POST",
        "url": "/v2/acme/web/blobs/uploads/",
        "bodySize": 1,
        "reason": "http.path"
      },
      {
        "what": "mount a blob",
        "method": "POST",
        "url": "/v2/acme/web/blobs/uploads/?mount=sha256%3Aab&from=acme%2Fbase",
        "reason": "http.path"
      },
      {
        "what": "upload a part",
        "method": "PATCH",
        "url": "/v2/acme/web/blobs/uploads/1234",
        "contentType": "application/octet-stream",
        "bodySize": 1000,
        "reason": "http.method"
      },
      {
        "what": "end an upload",
        "method": "PUT",
        "url": "/v2/acme/web/blobs/uploads/1234?digest=sha256%3Aab",
        "reason": "http.method"
      },
      {
        "what": "push a manifest",
        "method": "PUT",
        "url": "/v2/acme/web/manifests/latest",
        "contentType": "application/vnd.oci.image.manifest.v1+json",
        "bodySize": 500,
        "reason": "http.method"
      },
      {
        "what": "delete a manifest",
        "method": "DELETE",
        "url": "/v2/acme/web/manifests/sha256:ab",
        "reason": "http.method"
      },
      {
        "what": "the state of an upload",
        "method": "GET",
        "url": "/v2/acme/web/blobs/uploads/1234",
        "reason": "http.path"
      },
      {
        "what": "the catalogue",
        "method": "GET",
        "url": "/v2/_catalog",
        "reason": "http.path"
      },
      {
        "what": "data in the query of a manifest",
        "method": "GET",
        "url": "/v2/acme/web/manifests/1?d=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "a second scope with data",
        "method": "GET",
        "url": "/token?service=x&scope=a&scope=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "a body with a manifest",
        "method": "GET",
        "url": "/v2/acme/web/manifests/1",
        "bodySize": 1,
        "reason": "http.body-size"
      },
      {
        "what": "a form that is too large",
        "method": "POST",
        "url": "/token",
        "contentType": "application/x-www-form-urlencoded",
        "bodySize": 16385,
        "reason": "http.body-size"
      },
      {
        "what": "JSON for a token",
        "method": "POST",
        "url": "/token",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "escape by dot segments",
        "method": "GET",
        "url": "/v2/acme/web/manifests/..%2f..%2f_catalog",
        "reason": "http.malformed"
      }
    ]
  },
  {
    "name": "otlp-export",
    "revision": 1,
    "description": "Sending traces, metrics and logs to an OpenTelemetry collector or vendor by OTLP over HTTP. The rule names the host. What is sent is free text by design, so give it a limit. Not OTLP over gRPC, not the vendors' own interfaces.",
    "source": [
      "https://opentelemetry.io/docs/specs/otlp/#otlphttp",
      "https://opentelemetry.io/docs/specs/otel/protocol/exporter/",
      "https://docs.honeycomb.io/send-data/opentelemetry/",
      "https://docs.newrelic.com/docs/opentelemetry/best-practices/opentelemetry-otlp/",
      "https://grafana.com/docs/grafana-cloud/send-data/otlp/"
    ],
    "protocol": "HTTPS",
    "hosts": [],
    "ports": [
      443,
      4318
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "api-key",
      "authorization",
      "content-encoding",
      "content-type",
      "user-agent",
      "x-honeycomb-dataset",
      "x-honeycomb-team",
      "x-scope-orgid"
    ],
    "http": [
      {
        "methods": [
          "POST"
        ],
        "query": [],
        "contentTypes": [
          "application/x-protobuf",
          "application/json"
        ],
        "maxBodySize": "4Mi",
        "paths": [
          "/**/v1/traces",
          "/**/v1/metrics",
          "/**/v1/logs"
        ]
      }
    ],
    "allows": [
      {
        "what": "traces",
        "method": "POST",
        "url": "/v1/traces",
        "contentType": "application/x-protobuf",
        "bodySize": 4194304
      },
      {
        "what": "metrics",
        "method": "POST",
        "url": "/v1/metrics",
        "contentType": "application/x-protobuf",
        "bodySize": 1000
      },
      {
        "what": "logs as JSON",
        "method": "POST",
        "url": "/v1/logs",
        "contentType": "application/json",
        "bodySize": 1000
      },
      {
        "what": "traces below a prefix",
        "method": "POST",
        "url": "/otlp/v1/traces",
        "contentType": "application/x-protobuf",
        "bodySize": 1000
      }
    ],
    "refuses": [
      {
        "what": "a batch that is too large",
        "method": "POST",
        "url": "/v1/traces",
        "contentType": "application/x-protobuf",
        "bodySize": 4194305,
        "reason": "http.body-size"
      },
      {
        "what": "another type of body",
        "method": "POST",
        "url": "/v1/logs",
        "contentType": "text/plain",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "a body without a type",
        "method": "POST",
        "url": "/v1/logs",
        "bodySize": 10,
        "reason": "http.content-type"
      },
      {
        "what": "data in the query",
        "method": "POST",
        "url": "/v1/traces?d=c2VjcmV0",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.query"
      },
      {
        "what": "a signal that is not one",
        "method": "POST",
        "url": "/v1/events",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.path"
      },
      {
        "what": "a path below a signal",
        "method": "POST",
        "url": "/v1/traces/c2VjcmV0",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.path"
      },
      {
        "what": "OTLP over gRPC",
        "method": "POST",
        "url": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "contentType": "application/grpc",
        "bodySize": 10,
        "reason": "http.path"
      },
      {
        "what": "Zipkin",
        "method": "POST",
        "url": "/api/v2/spans",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.path"
      },
      {
        "what": "read back",
        "method": "GET",
        "url": "/v1/traces",
        "reason": "http.method"
      },
      {
        "what": "escape by dot segments",
        "method": "POST",
        "url": "/v1/%2e%2e/admin/v1/traces",
        "contentType": "application/json",
        "bodySize": 10,
        "reason": "http.malformed"
      }
    ]
  },
  {
    "name": "pypi-install",
    "revision": 1,
    "description": "Reading packages from a Python index (pip, uv and Poetry install, lock, download). Not upload, search or accounts.",
    "source": [
      "https://packaging.python.org/en/latest/specifications/simple-repository-api/",
      "https://docs.pypi.org/api/json/",
      "https://docs.pypi.org/api/index-api/",
      "https://pip.pypa.io/en/stable/topics/dependency-resolution/",
      "https://help.sonatype.com/en/pypi-repositories.html",
      "https://jfrog.com/help/r/jfrog-artifactory-documentation/pypi-repositories",
      "https://docs.gitlab.com/user/packages/pypi_repository/",
      "https://docs.aws.amazon.com/codeartifact/latest/ug/using-python.html"
    ],
    "protocol": "HTTPS",
    "hosts": [
      "pypi.org",
      "files.pythonhosted.org"
    ],
    "ports": [
      443
    ],
    "forwardHeaders": [
      "accept",
      "accept-encoding",
      "authorization",
      "cache-control",
      "if-modified-since",
      "if-none-match",
      "range",
      "user-agent"
    ],
    "http": [
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/simple/*/",
          "/simple/*",
          "/**/repository/*/simple/*/",
          "/**/api/pypi/*/simple/*/",
          "/api/v4/**/packages/pypi/simple/*",
          "/pypi/*/simple/*/",
          "/**/_packaging/*/pypi/simple/*/",
          "/*/*/+simple/*/"
        ]
      },
      {
        "methods": [
          "GET"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/pypi/*/json",
          "/pypi/*/*/json"
        ]
      },
      {
        "methods": [
          "GET",
          "HEAD"
        ],
        "query": [],
        "maxBodySize": 0,
        "paths": [
          "/packages/**/*.whl",
          "/packages/**/*.tar.gz",
          "/packages/**/*.zip",
          "/packages/**/*.metadata",
          "/**/repository/*/packages/*/*/*",
          "/**/api/pypi/*/packages/**",
          "/api/v4/**/packages/pypi/files/*/*",
          "/pypi/*/simple/*/*/*",
          "/**/_packaging/*/pypi/download/*/*/*",
          "/*/*/+f/*/*/*"
        ]
      }
    ],
    "allows": [
      {
        "what": "project page",
        "method": "GET",
        "url": "/simple/requests/"
      },
      {
        "what": "project page before its redirect",
        "method": "GET",
        "url": "/simple/requests"
      },
      {
        "what": "wheel",
        "method": "GET",
        "url": "/packages/f9/9b/335f9764261e915ed497fcdeb11df5dfd6f7bf257d4a6a2a686d80da4d54/requests-2.32.3-py3-none-any.whl"
      },
      {
        "what": "metadata of a wheel",
        "method": "GET",
        "url": "/packages/f9/9b/335f9764261e915ed497fcdeb11df5dfd6f7bf257d4a6a2a686d80da4d54/requests-2.32.3-py3-none-any.whl.metadata"
      },
      {
        "what": "length of a wheel",
        "method": "HEAD",
        "url": "/packages/f9/9b/335f9764261e915ed497fcdeb11df5dfd6f7bf257d4a6a2a686d80da4d54/requests-2.32.3-py3-none-any.whl"
      },
      {
        "what": "source archive",
        "method": "GET",
        "url": "/packages/63/70/2bf7780ad2d390a8d301ad0b550f1581eadbd9a20f896afe06353c2a2913/requests-2.32.3.tar.gz"
      },
      {
        "what": "metadata of a project",
        "method": "GET",
        "url": "/pypi/requests/json"
      },
      {
        "what": "metadata of a release",
        "method": "GET",
        "url": "/pypi/requests/2.32.3/json"
      },
      {
        "what": "Nexus",
        "method": "GET",
        "url": "/repository/pypi-all/simple/requests/"
      },
      {
        "what": "Nexus file",
        "method": "GET",
        "url": "/repository/pypi-all/packages/requests/2.32.3/requests-2.32.3-py3-none-any.whl"
      },
      {
        "what": "Artifactory",
        "method": "GET",
        "url": "/artifactory/api/pypi/pypi-remote/simple/requests/"
      },
      {
        "what": "GitLab",
        "method": "GET",
        "url": "/api/v4/projects/42/packages/pypi/simple/acme-web"
      },
      {
        "what": "CodeArtifact",
        "method": "GET",
        "url": "/pypi/acme/simple/requests/"
      },
      {
        "what": "Azure Artifacts",
        "method": "GET",
        "url": "/acme/web/_packaging/all/pypi/simple/requests/"
      },
      {
        "what": "devpi",
        "method": "GET",
        "url": "/root/pypi/+simple/requests/"
      }
    ],
    "refuses": [
      {
        "what": "upload",
        "method": "POST",
        "url": "/legacy/",
        "contentType": "multipart/form-data",
        "bodySize": 1000,
        "reason": "http.method"
      },
      {
        "what": "XML-RPC",
        "method": "POST",
        "url": "/pypi",
        "contentType": "text/xml",
        "bodySize": 100,
        "reason": "http.method"
      },
      {
        "what": "search with free text",
        "method": "GET",
        "url": "/search/?q=c2VjcmV0",
        "reason": "http.path"
      },
      {
        "what": "the list of all projects",
        "method": "GET",
        "url": "/simple/",
        "reason": "http.path"
      },
      {
        "what": "data in the query of a page",
        "method": "GET",
        "url": "/simple/requests/?d=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "data in the query of a file",
        "method": "GET",
        "url": "/packages/aa/bb/cc/x-1.0.tar.gz?d=c2VjcmV0",
        "reason": "http.query"
      },
      {
        "what": "a body with a page",
        "method": "GET",
        "url": "/simple/requests/",
        "contentType": "text/plain",
        "bodySize": 1,
        "reason": "http.body-size"
      },
      {
        "what": "another kind of file",
        "method": "GET",
        "url": "/packages/aa/bb/cc/x-1.0.exe",
        "reason": "http.path"
      },
      {
        "what": "a page for people",
        "method": "GET",
        "url": "/project/requests/",
        "reason": "http.path"
      },
      {
        "what": "an account",
        "method": "GET",
        "url": "/manage/account/",
        "reason": "http.path"
      },
      {
        "what": "mint a token",
        "method": "POST",
        "url": "/_/oidc/mint-token",
        "contentType": "application/json",
        "bodySize": 100,
        "reason": "http.method"
      },
      {
        "what": "delete",
        "method": "DELETE",
        "url": "/simple/requests/",
        "reason": "http.method"
      },
      {
        "what": "escape by dot segments",
        "method": "GET",
        "url": "/simple/..%2fmanage%2faccount/",
        "reason": "http.malformed"
      }
    ]
  }
];
