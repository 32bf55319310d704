# Every command of the project. `make help` lists them.

.DEFAULT_GOAL := help
PYTHON ?= python3
RUN := .venv/bin/python
PORT ?= 4000
N ?= 1000

.PHONY: help environment tools run run-split demo test coverage check schema graphiql compose-secrets operations clients plans migrate books seed-data clock republish audit attack fuzz chaos bench bench-carriers bench-floor bench-gateways bench-money router-release score-model lock format

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@$(PYTHON) launch/bootstrap.py

tools:
	@$(PYTHON) launch/bootstrap.py --with dev

run: environment ## set everything up and run the product in one process (PORT=4000)
	@PORT=$(PORT) $(RUN) -m launch.preflight 1
	@PEERSEED_SANDBOXES=1 PORT=$(PORT) $(RUN) -m launch.in_process

run-split: environment ## run each subgraph as its own process, called over HTTP (PORT=4000)
	@PORT=$(PORT) $(RUN) -m launch.preflight 8
	@PEERSEED_SANDBOXES=1 PORT=$(PORT) $(RUN) -m launch.split

demo: environment ## tell Sérgio's story through the GraphQL endpoint, months of it; the demo's people then have data on every screen
	@PEERSEED_SANDBOXES=1 PORT=$(PORT) $(RUN) -m story

test: tools ## run the whole suite (RABBITMQ_URL= adds the real broker) and tell how much of the domains it goes through
	@$(if $(TESTS),,MEASURE_DOMAINS=1) $(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

coverage: tools ## the same of the subgraphs' own tests alone
	@MEASURE_DOMAINS=1 $(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder tests/subgraphs

check: tools ## format check, lint and strict types
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

format: tools ## format and mend what can be mended by machine
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

schema: tools ## export the subgraphs' schemas, compose the supergraph, export the events' schemas and who hears them, write what `operations` does
	@$(RUN) -m builds.supergraph
	@$(RUN) -m subgraphs.shared.messaging schemas
	@$(RUN) -m launch.queues
	@$(RUN) -m builds.operations

operations: tools ## write the ready mutations, and the manifests of all documents that clients ship
	@$(RUN) -m builds.operations

clients: tools ## make what web and mobile applications are built with: typed documents, the schema, operations, the manifest
	@$(RUN) -m builds.clients

graphiql: environment ## build GraphiQL anew if its sources changed (`make run` does it by itself)
	@$(RUN) -m builds.graphiql

compose-secrets: environment ## write secrets/ with fresh secrets for docker compose
	@$(RUN) -m deploy.compose_secrets

plans: tools ## rewrite the golden plans; review the difference
	@UPDATE_PLANS=1 $(RUN) -m pytest -q tests/router/planner tests/end_to_end/test_operation_plans.py

migrate: environment ## bring the databases named in the environment to the newest revision
	@$(RUN) -m launch.migrate

books: environment ## check the ledger; KEEP=file writes a signed digest, SINCE=file goes on from one
	@PEERSEED_SANDBOXES=1 $(RUN) -m upkeep.books $(if $(KEEP),--keep "$(KEEP)") $(if $(SINCE),--since "$(SINCE)")

seed-data: environment ## copy what was told on the local product, which must not run meanwhile, until there are N=copies of it
	@PEERSEED_SANDBOXES=1 $(RUN) -m seeding $(N)

clock: environment ## move the time of the local product, running or not: DAYS=30 or TO=2027-02-01; without, tell it
	@$(RUN) -m upkeep.clock $(if $(DAYS),--days $(DAYS)) $(if $(TO),--to $(TO))

republish: environment ## tell a lost queue again what it should have heard: QUEUE=name SINCE=instant
	@$(RUN) -m upkeep.republish --queue $(QUEUE) --since $(SINCE)

audit: tools ## run the public federation audit: AUDIT_DIR=checkout [SUITE=name]
	@$(RUN) -m bench.audit $(AUDIT_DIR) $(if $(SUITE),--suite $(SUITE))

attack: tools ## try to do harm to `make run-split`'s product: cells tried, and the dearest request let in
	@$(RUN) -m pytest -q -m attack --attack tests/attack tests/end_to_end/test_access.py tests/end_to_end/test_scopes.py tests/end_to_end/test_bad_requests.py

fuzz: tools ## compare the router with a plain executor on random schemas: N=cases
	@$(RUN) -m pytest -q tests/router/differential --fuzz $(N)

chaos: tools ## play SEEDS=n seeds of people and faults and judge each to the cent: SEED=first FORM=in_process|split SIZE=short|long
	@$(RUN) -m tests.chaos --seeds $(or $(SEEDS),1) $(if $(SEED),--seed $(SEED)) $(if $(FORM),--form $(FORM)) $(if $(SIZE),--size $(SIZE))

bench: tools ## measure CPU per request of each screen, by layer
	@PEERSEED_SANDBOXES=1 $(RUN) -m bench.screens

bench-carriers: tools ## measure CPU of one fetch over HTTP, by our own client and by the library's
	@$(RUN) -m bench.carriers

bench-floor: tools ## measure what the floor of one request is made of, layer by layer
	@$(RUN) -m bench.floor

bench-money: tools ## measure investments a second and what each costs, from the public endpoint: OPTIONS="--connections 16 --keep"
	@$(RUN) -m bench.money $(OPTIONS)

bench-gateways: tools ## measure the router beside other gateways, over cheap subgraphs: OPTIONS="--gateways trevo --rounds 3"
	@$(RUN) -m bench.gateways $(OPTIONS)

router-release: environment ## make the router's wheel, source and bill of materials, install it alone and try it; nothing is published
	@$(RUN) -m builds.router

score-model: environment ## train AgroScore on invented applicants; the same sources make the same scorecard and card
	@$(RUN) -m builds.agroscore

lock: ## write poetry.lock and router/requirements.txt anew
	@$(PYTHON) -m builds.lock
