/** What is in the image, by name: nothing else gets in. Data. */

/** Programs of dist/ that run in a cluster. */
export const PROGRAMS = ['netfilter', 'sidecar', 'judge', 'ready', 'webhook'] as const;

export interface Platform {
  /** Node's process.arch. */
  arch: 'x64' | 'arm64';
  /** Debian's multiarch triplet. */
  triplet: string;
  /** The dynamic loader, as programs name it. */
  loader: string;
}

export const PLATFORMS: Record<string, Platform> = {
  x64: { arch: 'x64', triplet: 'x86_64-linux-gnu', loader: '/lib64/ld-linux-x86-64.so.2' },
  arm64: { arch: 'arm64', triplet: 'aarch64-linux-gnu', loader: '/lib/ld-linux-aarch64.so.1' },
};

/** Debian package → shared objects taken from /lib/TRIPLET or /usr/lib/TRIPLET. */
export const LIBRARIES: Record<string, readonly string[]> = {
  libc6: [
    'libc.so.6',
    'libm.so.6',
    'libdl.so.2',
    'libpthread.so.0',
    'libresolv.so.2',
    'libnss_dns.so.2',
    'libnss_files.so.2',
  ],
  'libgcc-s1': ['libgcc_s.so.1'],
  'libstdc++6': ['libstdc++.so.6'],
  libmnl0: ['libmnl.so.0'],
  libnftnl11: ['libnftnl.so.11'],
  libxtables12: ['libxtables.so.12'],
};

/** The nft variant alone: it runs with NET_ADMIN and a read-only root (see sidecar/netfilter/apply.ts). */
export const IPTABLES = 'iptables';
export const IPTABLES_PROGRAM = 'xtables-nft-multi';
export const IPTABLES_NAMES = [
  'iptables-restore',
  'ip6tables-restore',
  'iptables-nft-restore',
  'ip6tables-nft-restore',
];
/** Extensions that sidecar/netfilter/rules.ts uses. The image's test loads those rules with them. */
export const EXTENSIONS = [
  'libxt_standard.so',
  'libxt_tcp.so',
  'libxt_udp.so',
  'libxt_addrtype.so',
  'libxt_mark.so',
  'libxt_conntrack.so',
  'libxt_NAT.so',
  'libxt_REDIRECT.so',
  'libip6t_icmp6.so',
  'libip6t_hl.so',
];

export const CERTIFICATES = 'ca-certificates';
/** Of which only os-release is taken: scanners read it. */
export const BASE_FILES = 'base-files';

export const DEBIAN_PACKAGES = [...Object.keys(LIBRARIES), IPTABLES, CERTIFICATES, BASE_FILES].sort();

/** koffi is not bundled: it finds its library beside its own files. */
export const koffiFiles = (arch: string): string[] => [
  'koffi/package.json',
  'koffi/index.js',
  'koffi/src/koffi/index.js',
  'koffi/src/koffi/src/static.js',
  `@koromix/koffi-linux-${arch}/package.json`,
  `@koromix/koffi-linux-${arch}/index.js`,
  `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`,
];

/** Who is not root: what the image runs as unless the pod says otherwise. */
export const NONROOT = 65532;

export const TEXTS: Record<string, string> = {
  'etc/passwd': `root:x:0:0:root:/:/nonexistent\nnonroot:x:${NONROOT}:${NONROOT}:nonroot:/:/nonexistent\n`,
  'etc/group': `root:x:0:\nnonroot:x:${NONROOT}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

export const DIRECTORIES: Record<string, number> = {
  tmp: 0o1777,
  run: 0o755,
  proc: 0o755,
  sys: 0o755,
  dev: 0o755,
  'var/lib/weir': 0o755,
  'etc/weir/trust': 0o755,
};
