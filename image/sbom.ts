/** The image's bill of materials: SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/) as JSON. Pure. */
import { createHash } from 'node:crypto';
import type { DebianPackage } from './debian.ts';

export interface NpmPackage {
  name: string;
  version: string;
  /** SPDX expression, when the package says one. */
  license?: string;
  /** Subresource integrity from package-lock.json, `sha512-...`. */
  integrity?: string;
}

interface SpdxPackage {
  SPDXID: string;
  name: string;
  versionInfo: string;
  downloadLocation: 'NOASSERTION';
  licenseConcluded: 'NOASSERTION';
  licenseDeclared: string;
  copyrightText: 'NOASSERTION';
  filesAnalyzed: false;
  checksums?: { algorithm: 'SHA256' | 'SHA512'; checksumValue: string }[];
  externalRefs: { referenceCategory: 'PACKAGE-MANAGER'; referenceType: 'purl'; referenceLocator: string }[];
}

export interface Spdx {
  spdxVersion: 'SPDX-2.3';
  packages: SpdxPackage[];
  [field: string]: unknown;
}

const IMAGE = 'SPDXRef-image';

export function sbom(
  version: string,
  debian: readonly DebianPackage[],
  npm: readonly NpmPackage[],
  arch: string,
): Spdx {
  const image = entry(IMAGE, 'weir', version, `pkg:oci/weir?tag=${version}&arch=${arch}`, 'Apache-2.0');
  const parts = [...debian.map(debianEntry), ...npm.map(npmEntry)];
  const digest = createHash('sha256')
    .update(JSON.stringify([image, parts]))
    .digest('hex');
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `weir-${version}`,
    // By content: the same image has the same document.
    documentNamespace: `https://weir.dev/spdx/weir-${version}-${digest}`,
    creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: weir-image'] },
    documentDescribes: [IMAGE],
    packages: [image, ...parts],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: IMAGE },
      ...parts.map(({ SPDXID }) => ({
        spdxElementId: IMAGE,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

function entry(id: string, name: string, version: string, purl: string, license: string): SpdxPackage {
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    filesAnalyzed: false,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  };
}

/** Letters, digits, dots and hyphens are all that an SPDX id may have. */
const idOf = (kind: string, name: string, version: string): string =>
  `SPDXRef-${kind}-${`${name}-${version}`.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`;

function debianEntry({ name, version, architecture, sha256 }: DebianPackage): SpdxPackage {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return {
    ...entry(idOf('deb', name, version), name, version, purl, 'NOASSERTION'),
    checksums: [{ algorithm: 'SHA256', checksumValue: sha256 }],
  };
}

function npmEntry({ name, version, license, integrity }: NpmPackage): SpdxPackage {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? '')?.[1];
  return {
    ...entry(idOf('npm', name, version), name, version, purl, license ?? 'NOASSERTION'),
    ...(sha512 === undefined
      ? {}
      : {
          checksums: [{ algorithm: 'SHA512' as const, checksumValue: Buffer.from(sha512, 'base64').toString('hex') }],
        }),
  };
}
