# `make help` lists what can be made. Nothing here needs configuration.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run demo build test test-unit test-alerts test-disaster test-postgres test-e2e test-garage test-storage doctor-guide test-faults screenshots bench lint fmt deny prerequisites

SERVERS := end2end/servers
# Where prerequisites.sh puts cargo-deny, and a newer Node when the system's is too old for Playwright.
export PATH := $(HOME)/.cache/gatehouse/node/node_modules/.bin:$(HOME)/.cache/gatehouse/bin:$(PATH)
# nextest runs tests in parallel processes; without it `cargo test` does the same work, slower.
CARGO_TEST := $(shell command -v cargo-nextest > /dev/null && echo "cargo nextest run" || echo "cargo test")

help: ## What can be made
	@sed -n 's/^\([a-z-][a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: ## Start Gatehouse on http://127.0.0.1:3000 with everything under ./data
	cargo run

demo: ## Fill an empty yard with believable records, then start
	cargo run -- demo
	cargo run

build: ## The binary, target/debug/gatehouse
	cargo build

test: prerequisites lint test-unit test-e2e ## Everything: formatting, lints, unit, integration, browser

prerequisites:
	$(SERVERS)/prerequisites.sh cargo cameras e2e

lint: ## Formatting and clippy, warnings refused
	cargo fmt --all --check
	cargo clippy --workspace --locked -- -D warnings
	@# Tests may unwrap, own the time they tell, and need not be pedantic.
	cargo clippy --workspace --locked --all-targets -- -D warnings -A clippy::pedantic -A clippy::unwrap_used -A clippy::expect_used \
	  -A clippy::panic -A clippy::disallowed_methods -A clippy::print_stdout -A clippy::print_stderr

fmt: ## Format the code
	cargo fmt --all

test-unit: ## Unit and integration tests, on SQLite
	$(CARGO_TEST) --workspace --locked

test-alerts: ## The alarms, by promtool
	$(SERVERS)/prerequisites.sh alerts
	promtool check rules docs/ref/alerts/storage.yml docs/ref/alerts/cameras.yml
	promtool test rules docs/ref/alerts/*.test.yml

test-disaster: build ## The disaster runbook, word for word, against servers with versions and archives
	$(SERVERS)/prerequisites.sh disaster
	end2end/disaster/run.py

test-postgres: ## The same tests on a PostgreSQL server of their own
	$(SERVERS)/prerequisites.sh cargo cameras postgres
	$(SERVERS)/with-postgres.sh $(CARGO_TEST) --workspace --locked

test-e2e: build ## The browser tests: files on disk, real SMTP; with script and without, and on a phone
	$(SERVERS)/prerequisites.sh cameras e2e
	cd end2end && npx playwright test

screenshots: build ## The guide's pictures, of the demo yard
	$(SERVERS)/prerequisites.sh e2e
	cd end2end && npx playwright test --config screenshots.config.ts

test-garage: build ## The browser stories in which bytes are kept or played, against a real S3 server
	$(SERVERS)/prerequisites.sh cameras e2e
	$(SERVERS)/garage.sh install
	cd end2end && GATEHOUSE_TEST_STORAGE=garage npx playwright test --project=chromium attachments loading main-job recordings scanners

test-storage: build ## The storage tests and the doctor on real servers: Garage, ministack, moto
	$(SERVERS)/prerequisites.sh storage
	$(SERVERS)/garage.sh install
	end2end/storage/run.sh

doctor-guide: build ## The doctor's own words on healthy and broken set-ups, into docs/guide/doctor.md
	$(SERVERS)/prerequisites.sh storage
	$(SERVERS)/garage.sh install
	$(HOME)/.cache/gatehouse/venv/bin/python end2end/doctor/guide.py target/debug/gatehouse

test-faults: build ## kill -9 of server and workers: between issue and sent on both databases, in moves, in mirrors
	$(SERVERS)/prerequisites.sh cameras e2e postgres
	end2end/faults/run.sh

bench: ## Side by side with peers; writes its numbers to docs/design/performance.md
	$(SERVERS)/prerequisites.sh cargo cameras bench postgres e2e
	cargo build --release --locked --workspace --bins --examples
	end2end/bench/run.sh

deny: ## Licences, bans and sources of every dependency
	$(SERVERS)/prerequisites.sh deny
	cargo deny check bans licenses sources
