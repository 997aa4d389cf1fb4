# The only verbs a newcomer needs. Node 20 or newer and npm, Go 1.26 and Python 3.10 must be there; all else is fetched
# into ignored folders of this project.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install clients up seed sql down test test-all mutation conformance check format bench preview drift doctor load status report docs import

# The Node that everything runs on: the one that npm brings for Linux, else the machine's own.
NODE = $$(ls node_modules/node-linux-*/bin/node 2>/dev/null || command -v node)

NODE_CHECK = const [a, b] = process.versions.node.split(".").map(Number); if (a < 22 || (a === 22 && b < 19)) { \
	console.error("Node 22.19 or newer is needed, this is " + process.version + \
	": install a newer one, or use Linux on x64 or arm64, where npm brings one"); process.exit(1); }

# The sandbox's environment, once there is one.
in_sandbox = if [ ! -f .sandbox/env.sh ]; then echo "there is no sandbox yet: run make up" >&2; exit 1; fi; \
	said=$$(. .sandbox/env.sh 2>&1); [ -z "$$said" ] || { echo "$$said" >&2; exit 1; }; . .sandbox/env.sh;

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1@/p' Makefile | awk -F@ '{ printf "%-16s %s\n", $$1, $$2 }'

install: node_modules/.installed.json ## Fetch and build what the sandbox needs
	@$(NODE) sandbox/cli.ts install

clients: node_modules/.installed.json ## Fetch the Python clients that the tests talk to the local Snowflake with
	@$(NODE) sandbox/cli.ts clients

up: node_modules/.installed.json ## Bring up the sandbox: local AWS and Snowflake, data, stack, verified load
	@$(NODE) sandbox/cli.ts up

seed: node_modules/.installed.json ## More readings for the sandbox: make seed FROM=2026-07-22 DAYS=1 FAULTS=gap; ARGS=--help says all
	@$(in_sandbox) $(NODE) sandbox/seed/main.ts $(ARGS)

sql: node_modules/.installed.json ## A console on the local Snowflake; make sql C="SELECT 1" for one statement
	@$(in_sandbox) $(NODE) sandbox/sql.ts $(if $(C),-c "$$C")

down: ## Stop the sandbox; its state stays
	@if [ -d .sandbox ]; then $(NODE) sandbox/cli.ts down; else echo "nothing was running"; fi

test: install clients ## Run all tests; they start the services they need and end them
	@npm run --silent test

# Loads whose clients were killed may leave connections behind, which would keep a run of one file from ending.
test-all: test ## What takes too long for every day: loads killed at each step, 500 random sequences, a bucket of somebody else's, the pages walked through; LOAD_MODEL_SEED=n repeats
	@LOAD_MODEL_SEQUENCES=$${LOAD_MODEL_SEQUENCES:-500} LOAD_MODEL_SEED=$${LOAD_MODEL_SEED:-$$(date +%s)} npm run --silent test-all
	@$(MAKE) --no-print-directory mutation

mutation: node_modules/.installed.json ## Change pure modules at one place after the other, and see whether a test notices
	@cmp -s test/mutation/package-lock.json test/mutation/node_modules/.installed.json || { npm ci --prefix test/mutation --ignore-scripts --no-audit --no-fund \
		--loglevel=error && cp test/mutation/package-lock.json test/mutation/node_modules/.installed.json; }
	@$(NODE) test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js run test/mutation/stryker.config.js

conformance: clients ## Run statements of the manual by two clients, and write sandbox/CONFORMANCE.md
	@$(NODE) sandbox/test/conformance/main.ts

check: node_modules/.installed.json ## Format, lint, types, import rules, unused code: the same for people and CI
	@npm run --silent check

format: node_modules/.installed.json ## Format, and mend what the linter can mend
	@npm run --silent format

# Exit 0: nothing changes, 2: changes, 3: dangerous changes; all three are answers. 4: a policy is violated, 1: no result.
# Reviews a stack; the sandbox's accounts are in its env.sh, those of real stacks in the caller's environment.
review = if [ "$(STACK)" = sandbox ]; then $(in_sandbox) fi; \
	$(NODE) review/main.ts $(1) --stack $(or $(STACK),$(error say which stack: make $@ STACK=dev)) || case $$? in 2|3) ;; *) exit $$? ;; esac

preview: node_modules/.installed.json ## Report on what `pulumi up` would do: make preview STACK=dev
	@$(call review,preview $(if $(BASE),--base $(BASE)) $(if $(PLAN),--save-plan $(PLAN)))

drift: node_modules/.installed.json ## Report on what was changed outside the stack: make drift STACK=dev
	@$(call review,drift)

# Exit 0: nothing fails. 1: something does. 2: could not run. 3: something essential is not known.
doctor: node_modules/.installed.json ## Would `pulumi up` work? make doctor STACK=dev; ARGS=--help says all
	@if [ "$(STACK)" = sandbox ]; then . .sandbox/env.sh; fi; \
	$(NODE) preflight/main.ts --stack $(or $(STACK),$(error say which stack: make $@ STACK=dev)) $(ARGS)

# A command on a deployed stack; the sandbox's accounts are in its env.sh, those of real stacks in the caller's environment.
on_stack = if [ "$(STACK)" = sandbox ]; then $(in_sandbox) fi; \
	$(NODE) commands/$(1).ts --stack $(or $(STACK),$(error say which stack: make $@ STACK=dev))

load: node_modules/.installed.json ## Load what is new, without the engine: make load STACK=dev
	@$(call on_stack,load)

status: node_modules/.installed.json ## What became of the last loads: make status STACK=dev; JSON=1 for all that each told
	@$(call on_stack,status) $(if $(JSON),--json)

report: node_modules/.installed.json ## Draw a page of the last load: make report STACK=dev; RUN=<load> of another one
	@$(call on_stack,report) $(if $(RUN),--run $(RUN))

docs: node_modules/.installed.json ## Take README's picture anew, of the sandbox's last load
	@$(in_sandbox) page=$$($(NODE) commands/report.ts --stack sandbox | sed -n 's/^report: //p') && $(NODE) report/picture.ts "$$page" docs/report.png

import: node_modules/.installed.json ## Take over what exists and the state does not know: make import STACK=dev
	@$(call on_stack,import)

bench: install ## Measure, and compare with the named limits
	@$(NODE) bench/main.ts

# The lockfile as it was installed: compared by content, so a checkout that merely touches files installs nothing.
node_modules/.installed.json: FORCE
	@cmp -s package-lock.json $@ || { \
		echo "npm ci (dependencies as the lockfile says)" && npm ci --no-audit --no-fund --loglevel=error && cp package-lock.json $@; }
	@$(NODE) -e '$(NODE_CHECK)'
FORCE:
