# shellcheck shell=bash
# An image archive (docker save's format, which ctr, docker, podman and kind load) of one layer, without a builder.

make_archive() { # OUT NAME:TAG LAYER.tar [CONFIG-JSON]: CONFIG is the image's "config" (image-spec, config.md)
  local out=$1 name=$2 layer=$3 config=${4:-"{}"} work arch digest
  work=$(mktemp -d "$(dirname "$out")/archive.XXXXXX")
  arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
  digest=$(sha256sum "$layer" | cut -d' ' -f1)
  ln "$layer" "$work/layer.tar" 2>/dev/null || cp "$layer" "$work/layer.tar"
  printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"1970-01-01T00:00:00Z"}]}' \
    "$arch" "$config" "$digest" >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$name" >"$work/manifest.json"
  tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$out.new" manifest.json config.json layer.tar
  mv "$out.new" "$out"
  rm -rf "$work"
}
