# Tollbook: build, run, test. `make help` lists the targets.
GO      ?= go
BIN     := bin/tollbook
DATA    ?= data
PKGS    := ./...

.PHONY: help build run test check fmt vet staticcheck generated no-cgo bench fuzz setup-bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

build: ## build bin/tollbook
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/tollbook

run: build ## build and serve, with the sample API "notes" (data in ./data)
	$(BIN) serve --data-dir $(DATA) --sample

# -count=1: conformance and internal/lint look at the tree through other programs, which Go's test cache does not see.
test: ## run every test, with the race detector
	$(GO) test -race -count=1 -timeout 10m $(PKGS)

check: fmt vet staticcheck generated no-cgo test ## what CI runs

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

clean:
	rm -rf bin
