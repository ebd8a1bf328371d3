# Folkmoot. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
BROWSER := app/talk app/list app/words app/ui wasm
SOURCES := go.mod go.sum index.html demo.go $(shell find app server assets wasm -name '*.go' -not -name '*_test.go') $(shell find server -name '*.sql' -o -name '*.js' -o -name '*.txt') assets/worker.js $(wildcard assets/icons/*)
LOCALES := $(wildcard assets/locales/*.json)
ASSETS  := $(patsubst %,assets/dist/%.sum,app.wasm wasm_exec.js boot.js app.js continue.js device.js write.js emoji.txt install.js long.js live.js outbox.js push.js embed.js embed.mjs embed-more.mjs embed-counts.mjs embed.d.ts style.css more.css app.css $(notdir $(LOCALES)))
PACK    := build/pack
STACKS  := -X runtime.godebugDefault=adaptivestackstart=0 # goroutines start with 2 KB, which is all that a viewer's needs
CALLS   := $(patsubst %,-gcflags=%=-l,encoding/json fmt net/netip net/url strconv time folkmoot/app/talk folkmoot/wasm/...) # not inlined where little is hot: a 40th less for readers; all of it would cost the start half as much again
SERVERS := redis-server:redis-server postgresql:/usr/lib/postgresql
LINT     = $(CURDIR)/build/golangci-lint

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: build ## build, and serve the demo on localhost:8080 with its data in ./data
	@exec bin/folkmoot serve

.PHONY: build
build: bin/folkmoot ## build bin/folkmoot, with everything in it

bin/folkmoot: $(SOURCES) $(ASSETS)
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION) $(STACKS)' -o $@ ./server

build/app.wasm: build/go-app.mod assets/locales/en.json $(shell find $(BROWSER) assets/locales -name '*.go' -not -name '*_test.go')
	GOOS=js GOARCH=wasm $(GO) build -modfile=$< -trimpath -ldflags '-s -w' $(CALLS) -o $@ ./wasm

build/go-app.mod: go.mod go.sum $(shell find assets/slim -type f) # a third less for readers than go-app as it is
	GO="$(GO)" $(GO) run ./assets/slim build/go-app

build/wasm_exec.js: go.mod # must be of the very Go that compiles
	@mkdir -p build
	cp "$$($(GO) env GOROOT)/lib/wasm/wasm_exec.js" $@
	@touch $@

build/write.js: assets/write.js assets/complete.js # one file: one round trip
	@mkdir -p build
	cat $^ > $@

build/live.js: assets/outbox.js assets/live.js # likewise
	@mkdir -p build
	cat $^ > $@

build/emoji.txt: server/forum/markdown/emoji.txt
	@mkdir -p build
	cp $< $@

$(PACK): $(wildcard assets/pack/*)
	@mkdir -p build
	cd assets/pack && $(GO) build -o $(CURDIR)/$@ .

assets/dist/%.sum: build/% $(PACK)
	$(PACK) $(FAST) assets/dist $<

assets/dist/%.sum: assets/% $(PACK)
	$(PACK) $(FAST) assets/dist $<

assets/dist/%.sum: assets/locales/% $(PACK)
	$(PACK) $(FAST) assets/dist $<

assets/dist/embed-more.mjs.sum: $(wildcard assets/more/*.mjs) # which it takes in

.PHONY: dev
dev: ## run the demo; rebuild, restart and reload on every change
	@trap 'kill $$server 2>/dev/null || true' EXIT; \
	while true; do \
		touch build/.dev 2>/dev/null || { mkdir -p build; touch build/.dev; }; \
		if $(MAKE) --no-print-directory build FAST=-fast; then \
			kill $${server:-} 2>/dev/null && wait $$server || true; \
			bin/folkmoot serve --dev & server=$$!; \
		fi; \
		until [ -n "$$(find app server wasm assets index.html go.mod -newer build/.dev -type f -not -path 'assets/dist/*' -print -quit)" ]; do sleep 0.5; done; \
	done

.PHONY: test
test: build ## install what tests need, then run them all: unit, store, live, browser
	@.ci/need chromium:chromium hugo:hugo gcc:gcc libc6-dev:/usr/include/stdlib.h npm:npm $(SERVERS)
	CGO_ENABLED=1 $(GO) test -race ./...
	for packages in e2e/axe examples/eleventy examples/astro examples/next; do (cd $$packages && npm ci --ignore-scripts --no-audit --no-fund --silent); done
	cd e2e && $(GO) test -count=1 -timeout 40m ./...
	cd bench && $(GO) vet ./... && $(GO) test -count=1 ./...

build/golangci-lint: .ci/lint/go.mod
	@mkdir -p build
	$(GO) build -modfile=.ci/lint/go.mod -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: lint
lint: build/golangci-lint ## check formatting and style
	$(LINT) run ./...
	GOOS=js GOARCH=wasm $(LINT) run ./wasm
	cd e2e && $(LINT) run --config ../.golangci.yml ./...
	cd bench && $(LINT) run --config ../.golangci.yml ./...

.PHONY: fmt
fmt: ## format all Go code
	$(LINT) fmt ./...

.PHONY: bench
bench: build ## measure what docs/performance.md records (some minutes)
	cd bench && $(GO) run . -server ../bin/folkmoot

.PHONY: bench-live
bench-live: build ## measure live sync beside centrifuge and a textbook hub (some ten minutes)
	cd bench && $(GO) run ./live -server ../bin/folkmoot

.PHONY: bench-long
bench-long: build ## measure a conversation of 10,000 comments in a browser (a few minutes)
	cd bench && $(GO) run ./page -server ../bin/folkmoot -long

.PHONY: bench-page
bench-page: build ## measure what a reader on a slow phone waits for, beside peers (some ten minutes)
	@.ci/need chromium:chromium
	cd bench && $(GO) run ./page -server ../bin/folkmoot

.PHONY: screenshots
screenshots: build ## make pictures of the widget in build/screenshots
	@.ci/need chromium:chromium fonts-noto-color-emoji:/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf \
		fonts-noto-core:/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf fonts-noto-cjk:/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
	cd e2e && SCREENSHOTS=$(CURDIR)/build/screenshots $(GO) test -count=1 -run 'Test(App)?Screenshots' ./...

.PHONY: manifest
manifest: build ## make the pictures of the app that its manifest shows anew (assets/icons)
	@.ci/need chromium:chromium
	cd e2e && MANIFEST=$(CURDIR)/assets/icons $(GO) test -count=1 -run TestManifestPictures ./...

.PHONY: accept
accept: build ## take the widget as it looks now for how it should (e2e/accepted): look at the pictures
	@.ci/need chromium:chromium
	cd e2e && ACCEPT=1 $(GO) test -count=1 -run TestLooksAsAccepted ./...

.PHONY: cluster
cluster: build ## run three nodes with PostgreSQL and Redis on this machine, on localhost:8080
	@.ci/need $(SERVERS)
	$(GO) build -o build/cluster ./server/cluster
	@exec build/cluster

.PHONY: soak
soak: build ## ten minutes of faults on three nodes with 1,000 viewers: is anything missed? FOR=3m is shorter
	@.ci/need $(SERVERS)
	$(GO) build -o build/soak ./server/soak
	@exec build/soak -for $(or $(FOR),10m)

.PHONY: clean
clean: ## remove what was built (./data stays)
	rm -rf bin build
	find assets/dist -type f ! -name README -delete
