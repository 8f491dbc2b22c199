# Tollbook: build, run, test. `make help` lists the targets.
GO      ?= go
BIN     := bin/tollbook
DATA    ?= data
PKGS    := ./...

NPM     ?= npm

.PHONY: help build run test check fmt vet staticcheck generated no-cgo bench bench-gateway bench-overload fuzz setup-bench setup-nginx clean \
	console console-check console-e2e

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

build: console ## build bin/tollbook, with the console
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o $(BIN) ./cmd/tollbook

CONSOLE_BUILT   := console/dist/app/index.html.gz
CONSOLE_MODULES := console/node_modules/.package-lock.json
CONSOLE_SOURCE  := $(shell git ls-files console/src console/public console/scripts console/index.html 'console/*.ts' console/package.json)

console: $(CONSOLE_BUILT) ## build the web console; needs Node

$(CONSOLE_MODULES): console/package-lock.json
	$(NPM) ci --prefix console --no-audit --no-fund
	@touch $@

$(CONSOLE_BUILT): $(CONSOLE_MODULES) $(CONSOLE_SOURCE)
	$(NPM) run --prefix console build
	@touch $@

console-check: $(CONSOLE_MODULES) # types, lint, unit tests
	$(NPM) run --prefix console check

console-e2e: build ## drive the console in Debian's Chromium, which setup-browser installs
	@if scripts/setup-browser; then $(NPM) run --prefix console e2e; \
	else echo "console-e2e: SKIPPED, there is no Chromium and it cannot be installed"; fi

run: build ## build and serve, with the sample API "notes" (data in ./data)
	$(BIN) serve --data-dir $(DATA) --sample

# -count=1: conformance and internal/lint look at the tree through other programs, which Go's test cache does not see.
test: ## run every test, with the race detector
	$(GO) test -race -count=1 -timeout 10m $(PKGS)

check: fmt vet staticcheck generated no-cgo setup-nginx test console-check console-e2e ## what CI runs

setup-nginx: # which conformance puts before and behind the gateway
	@scripts/setup-nginx || echo "setup-nginx: there is no nginx and it cannot be installed; its tests are SKIPPED"

fmt:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "not gofmt'ed:"; echo "$$out"; exit 1; }

vet:
	$(GO) vet $(PKGS)

staticcheck:
	$(GO) tool staticcheck $(PKGS)

generated: # what is generated must be what the generator writes
	$(GO) generate ./awsapi/...
	@git diff --exit-code --stat -- awsapi || { echo "awsapi is not what go generate writes"; exit 1; }

no-cgo:
	CGO_ENABLED=0 $(GO) build $(PKGS)

FUZZTIME ?= 20s
fuzz: ## run every fuzz target for FUZZTIME
	scripts/fuzz $(FUZZTIME)

setup-bench: ## install what the benchmarks compare with (nginx, wrk; Debian)
	scripts/setup-bench

bench: build ## print the benchmark tables
	scripts/bench

bench-overload: build ## print what the gateway does under ten times its load for a minute, and afterwards
	$(GO) run ./bench overload -duration 60s

bench-gateway: build ## print the gateway's numbers beside other proxies', for every kind of load
	scripts/setup-bench
	$(GO) run ./bench gateway -all -rounds 3

clean:
	rm -rf bin
