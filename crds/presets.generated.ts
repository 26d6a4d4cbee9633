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
  }
];
