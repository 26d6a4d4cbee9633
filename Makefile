# Weir. `make` builds; `make help` lists the rest.
SHELL := /bin/bash
ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
NODE_DIR := $(CURDIR)/node_modules/node-linux-$(ARCH)/bin
BIN := node_modules/.bin
# Our Node first: the machine's own may be too old to run TypeScript.
export PATH := $(NODE_DIR):$(PATH):/usr/sbin:/sbin
SOURCES := $(shell find crds sidecar webhook cli -name '*.ts' -o -name '*.yaml' 2>/dev/null) build.ts
SCRIPTS := bin/weir .ci/run $(wildcard docs/quickstart/*.sh test/setup/*.sh) \
	$(addprefix test/cluster/,cluster kind kubeconfig tools-image)

.PHONY: all help demo test lint bench bench-cluster ci fuzz precision beside clean format generate packages test-packages cluster-packages
.PHONY: cluster-build conformance image cluster cluster-down e2e e2e-kind
all: packages dist/.built ## Install what is missing and build dist/ (the default)

help: ## List the targets
	@awk -F':.*## ' '/^[a-z][a-z0-9-]*:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages:
	@test/setup/packages.sh run
test-packages:
	@test/setup/packages.sh run test

cluster-packages:
	@test/setup/packages.sh run test cluster image

node_modules/.installed: package.json package-lock.json
	PATH="$${PATH#$(NODE_DIR):}" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

dist/.built: node_modules/.installed $(SOURCES)
	node build.ts
	@touch $@

generate: node_modules/.installed ## Make the generated files anew: from crds/*.yaml, the table of commands, AssemblyScript
	node crds/generate.ts
	node cli/generate.ts
	node charts/generate.ts
	node sidecar/inspect/scan/simd/compile.ts

demo: all ## A real npm install through Weir, then two leaks, without and with Weir
	node test/demo/demo.ts

lint: node_modules/.installed ## Types, style, generated files, shell scripts
	$(BIN)/tsc -p .
	$(BIN)/biome check .
	node crds/generate.ts --check
	node cli/generate.ts --check
	node charts/generate.ts --check
	node sidecar/inspect/scan/simd/compile.ts --check
	@test/setup/packages.sh lint
	shellcheck --external-sources $(SCRIPTS)

format: node_modules/.installed ## Format and apply safe fixes
	$(BIN)/biome check --write .

test: all test-packages cluster-build ## Every suite (root), with line coverage of crds/, sidecar/, cli/ and webhook/
	node test/setup/suites.ts

cluster-build: ## Kubernetes from its Go modules, for the suites (12 minutes the first time)
	@test/cluster/cluster build

conformance: node_modules/.installed test-packages cluster-build ## The CRDs against a real API server (root)
	$(BIN)/vitest run test/conformance

image: node_modules/.installed ## The image, dist/weir-image.tar, with docker, podman or buildah
	@test/setup/packages.sh image
	node image.ts

cluster: cluster-packages image ## A one-node Kubernetes with our image in it, without Docker (root); see test/cluster/cluster
	@test/cluster/cluster up
	@test/cluster/cluster load dist/weir-image.tar
	@test/cluster/tools-image load

cluster-down: ## Take it down; nothing of it stays
	@test/cluster/cluster down

e2e: all cluster-packages image ## The suites on that cluster, which goes at the end (KEEP=1: stays), or on WEIR_E2E_KUBECONFIG
	node test/cluster/e2e.ts

e2e-kind: all image ## The same on a cluster of kind, where Docker is
	@test/cluster/kind

bench-cluster: all cluster ## What a pod pays: memory of its sidecar, time of its start
	node test/bench/cluster.ts

bench: all test-packages ## Ratios between things run side by side
	node test/bench/main.ts

precision: node_modules/.installed ## What the detectors say of GIGABYTES (default 2) of files of this machine that hold no secret
	node test/precision/main.ts --gigabytes $(or $(GIGABYTES),2)

beside: node_modules/.installed ## Weir beside other scanners, on the corpus: what each finds and how fast
	node test/beside/main.ts

fuzz: all ## The property tests for FUZZ_SECONDS (default 1200)
	node test/fuzz/main.ts --seconds $(or $(FUZZ_SECONDS),1200)

ci: lint test e2e demo ## What a change must pass

clean: ## Remove what was built
	rm -rf dist coverage
