# make demo, make test: from a fresh clone to the result; what is missing is installed. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# Where scripts/setup puts a Node.js, if the machine's is too old.
export PATH := $(CURDIR)/build/node/bin:$(PATH)

CC ?= cc
C_FLAGS := -O2 -Wall -Wextra -Werror -pthread

# Every test/c/NAME.c is a program build/c/NAME, and build/c/NAME-static too where its text says "Built static too".
C_SOURCES := $(wildcard test/c/*.c)
C_STATIC := $(shell grep -l 'Built static too' $(C_SOURCES) /dev/null 2>/dev/null)
C_NEEDS_FUSE3 := test/c/ref-libfuse.c
ifneq ($(shell pkg-config --exists fuse3 2>/dev/null && echo yes),yes)
C_SOURCES := $(filter-out $(C_NEEDS_FUSE3),$(C_SOURCES))
endif
C_PROGRAMS := $(C_SOURCES:test/c/%.c=build/c/%) $(C_STATIC:test/c/%.c=build/c/%-static)

TS_SOURCES := $(shell find src test -name '*.ts' -o -name '*.json' -path 'src/*' 2>/dev/null) $(wildcard web/*)
TSC := node_modules/.bin/tsc
BIOME := node_modules/.bin/biome
NATIVE_SOURCES := $(wildcard native/*.c)
SHELL_SCRIPTS := $(shell grep -lE '^\#!.*sh$$' scripts/* packaging/* test/uml/init .ci/run 2>/dev/null)

.PHONY: help setup build extras native c check test demo bench profile oracle fuzz test-nodes test-browser pictures api-check packages try-packages test-arm64 format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The first run of setup decides which C programs can be built: `build` calls make again after it.
setup: build/.setup ## installs what is missing (apt-get as root or by sudo; npm ci)

build/.setup: scripts/setup package-lock.json package.json
	@scripts/setup

node_modules/.package-lock.json: build/.setup
	@[ -e $@ ] || scripts/setup

build: setup node_modules/.package-lock.json ## addon, TypeScript, C clients
	@$(MAKE) -s --no-print-directory native dist/.built c
	@scripts/make-cache

native:
	@scripts/build-native

dist/.built: $(TS_SOURCES) tsconfig.json package-lock.json scripts/bundle.mjs scripts/bundle-web.mjs scripts/collect-types.mjs
	@rm -rf dist
	@$(TSC) -p .
	@node scripts/bundle.mjs
	@node scripts/collect-types.mjs
	@touch $@

c: $(C_PROGRAMS)

build/c/%: test/c/%.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -o $@ $<

build/c/%-static: test/c/%.c $(wildcard test/c/*.h)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -static -o $@ $<

build/c/ref-libfuse: test/c/ref-libfuse.c test/c/fwctl-client.h
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $$(pkg-config --cflags fuse3) -o $@ $< $$(pkg-config --libs fuse3)

extras: build ## manual pages, completions, systemd units, dissector, OpenAPI: what a package has of extras/
	@scripts/generate-extras

check: setup node_modules/.package-lock.json ## types, lint, layers, sizes, C and shell sources; changes nothing
	$(TSC) -p . --noEmit
	$(TSC) -p web
	$(BIOME) check --error-on-warnings .
	scripts/check-layers.mjs
	scripts/check-sizes.mjs
	headers=$$(scripts/build-native --headers); for file in $(NATIVE_SOURCES); do \
	  $(CC) -fsyntax-only -O2 -Wall -Wextra -Werror -D_GNU_SOURCE= -DNAPI_VERSION=8 $${headers:+-I$$headers} $$file; done
	for file in $(filter-out $(C_NEEDS_FUSE3),$(C_SOURCES)); do $(CC) -fsyntax-only $(C_FLAGS) $$file; done
	for file in $(SHELL_SCRIPTS); do bash -n $$file; done

test: build ## all tests: unit, conformance, CUSE in user-mode Linux; ONLY="PART..." runs some
	@scripts/test $(ONLY)

demo: build ## the main job: C clients talk to an emulated ConnectX
	@scripts/demo

bench: build ## latency, start-up and memory beside the C reference; BENCH="--quick" and other options
	@node dist/test/bench/bench.js $(BENCH)

profile: build ## where the time of one call goes, hop by hop
	@scripts/profile

oracle: build ## fwx and drvx against the real kernels' records, on every transport; ORACLE="--transport fuse SECTION..."
	@node dist/test/oracle/oracle.js $(ORACLE)

fuzz: build ## arbitrary bytes at hops 2, 5 and 9, and to pds; FUZZ_SECONDS=3600, FUZZ="--seed N hop9"
	@node dist/test/fuzz/fuzz.js --seconds $${FUZZ_SECONDS:-60} $(FUZZ)

test-nodes: build ## the suite on Node 18, 20, 22 and 24; ONLY as above
	@scripts/test-nodes -- $(ONLY)

api-check: build ## what a release promises is as docs/surface.txt has it; UPDATE=1 writes it, beside CHANGELOG.md
	@scripts/api-check.mjs $(if $(UPDATE),--update)

packages: build ## deb, tar, npm and an OCI image into dist/packages; PACKAGES="--arch x64 deb"
	@scripts/setup --for packages
	@scripts/packages $(PACKAGES)

try-packages: packages ## they are built twice, checked, installed and used in a fresh Debian 12, and removed; as root
	@scripts/try-packages $(TRY)

test-browser: build ## all of the inspector in Chromium; the suite has its smoke test alone; ONLY="PART" of a test's name
	@scripts/setup --for browser
	@node --import ./dist/test/slowness.js --test $(if $(ONLY),--test-name-pattern='$(ONLY)') dist/test/browser/*.browser.js

pictures: build ## those of docs/inspector.md and README, from the real pages, by Chromium
	@scripts/setup --for browser
	@scripts/docs-pictures.mjs

test-arm64: packages ## the arm64 package in an emulated machine (QEMU): clients by FUSE and CUSE; beside CI, as root
	@scripts/setup --for arm64
	@scripts/test-arm64

format: setup node_modules/.package-lock.json ## rewrites the sources in the project's format
	@$(BIOME) check --write .

clean: ## removes what was built (not node_modules)
	rm -rf build dist native/build scripts/fwctl-emu
