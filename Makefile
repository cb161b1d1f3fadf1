# What a person or CI does with this project. `make` alone prints this list.
# The AWS SDK is over a million lines: the first build takes several minutes and
# up to 8 GB, later ones seconds. One build at a time, one profile.

MOTO_VENV := .venv
MOTO      := $(MOTO_VENV)/bin/moto_server
PYTHON    ?= python3
DENY      := cargo-deny
DENY_VERSION := 0.20.2
FUZZ_VERSION := 0.13.2
FUZZ_SECONDS ?= 60
# The folders of the corpus, each with the law of its name in tests/laws/parsers.rs.
FUZZ_LAWS := state deployment policy guards ours

# Demo, tests, lints and documentation ask for the same features, so that no dependency is built twice.
FEATURES := --features cedar

.PHONY: help
help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: demo
demo: ## The whole story on the embedded AWS: no account, no network
	@echo "Building: the first time several minutes, for the AWS SDK, and then seconds." >&2
	cargo build --locked $(FEATURES)
	@cargo run --locked --quiet $(FEATURES) -- demo

.PHONY: test
test: $(MOTO) ## Every test: unit, laws, golden text, end to end on the embedded AWS and on moto
	AWS_JANITOR_MOTO=$(CURDIR)/$(MOTO) cargo test --workspace --locked $(FEATURES)

.PHONY: core
core: ## The pure core's tests, and the embedded AWS's own, without the SDK and without guard rules: seconds
	cargo test --workspace --locked --no-default-features

.PHONY: laws
laws: ## The planner's laws in the long setting: 60,000 worlds each, and 100,000 worlds with owners
	LAWS_WORLDS=60000 cargo test --locked --no-default-features --test laws -- --nocapture

.PHONY: linear
linear: ## How time grows with the account, and with a plan held against its parse, in an optimized build of the core
	cargo test --release --locked --no-default-features --test laws -- --ignored --nocapture five_times
	cargo test --release --locked --no-default-features --test linear -- --ignored --nocapture

.PHONY: races
races: $(MOTO) ## Others act before every call of a run, each change at each call: an hour
	RACES_EVERY=1 AWS_JANITOR_MOTO=$(CURDIR)/$(MOTO) cargo test --locked $(FEATURES) --test e2e -- --nocapture races::

.PHONY: check
check: fmt one-build clippy doc ## Formatting, one build, lints for both feature sets, documentation

.PHONY: fmt
# The files of the kinds are declared by a macro, where rustfmt does not follow.
fmt: ## Formatting, checked
	cargo fmt --all --check
	rustfmt --check --edition 2024 src/kinds/*.rs src/kinds/only_deployed/*.rs src/aws/kinds/*.rs

.PHONY: one-build
one-build: ## That no test makes cargo build a dependency again, by the features asked for: seconds
	.ci/one-build

.PHONY: clippy
clippy: ## Lints, without the SDK and guard rules and with both
	cargo clippy --locked --no-default-features --all-targets -- -D warnings
	cargo clippy --workspace --locked $(FEATURES) --all-targets -- -D warnings

.PHONY: doc
doc: ## The documentation of both crates, without warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --locked $(FEATURES) --no-deps

.PHONY: deny
deny: ## Licences, sources and duplicates of the dependencies
	@command -v $(DENY) >/dev/null || cargo install --locked $(DENY)@$(DENY_VERSION)
	cargo deny --locked --workspace --all-features check licenses sources bans

.PHONY: advisories
advisories: ## Known vulnerabilities (fetches the advisory database)
	@command -v $(DENY) >/dev/null || cargo install --locked $(DENY)@$(DENY_VERSION)
	cargo deny --locked --workspace --all-features check advisories

.PHONY: golden
golden: ## Writes the golden texts, schemas and IAM policies anew; review the diff as code
	UPDATE_EXPECT=1 cargo test --workspace --locked $(FEATURES) --lib --test cli --test laws

.PHONY: docs
docs: ## Writes the page of each kind and the README's table of kinds anew, from what the program goes by
	UPDATE_EXPECT=1 cargo test --locked --no-default-features --lib pages::

.PHONY: fuzz
fuzz: ## Broken files for every reader, FUZZ_SECONDS each (60): needs a nightly toolchain, and installs cargo-fuzz
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz@$(FUZZ_VERSION)
	for law in $(FUZZ_LAWS); do \
	  mkdir -p fuzz/corpus/$$law && cargo +nightly fuzz run $$law fuzz/corpus/$$law tests/laws/corpus/$$law \
	    -- -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2000 || exit 1; \
	done

.PHONY: release
release: ## The optimized program, in target/release
	cargo build --locked --release $(FEATURES)

.PHONY: pre-commit
pre-commit: fmt ## What every commit passes: formatting, lints and tests of the core
	cargo clippy --workspace --locked --no-default-features --all-targets -- -D warnings
	cargo test --workspace --locked --no-default-features

$(MOTO): tests/moto/requirements.txt
	$(PYTHON) -m venv $(MOTO_VENV)
	$(MOTO_VENV)/bin/pip install --quiet --requirement $<
	@touch $@
