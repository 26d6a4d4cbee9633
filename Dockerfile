# The root file system is made by `node image.ts` (make image), which then builds this. With a base of your own:
#   node image.ts --base registry.example/base@sha256:...
ARG BASE=scratch
FROM ${BASE}
ARG VERSION
LABEL org.opencontainers.image.title="weir" \
      org.opencontainers.image.description="Reads what leaves a build: control plane, sidecar and init container" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY dist/image/rootfs/ /
USER 65532:65532
ENTRYPOINT ["/usr/bin/node", "--disable-sigusr1"]
CMD ["/weir/webhook.mjs"]
