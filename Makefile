# Everything a machine with Python and make needs; `make` alone lists the targets.
PYTHON3 ?= python3
RUN = .venv/bin/python
LANE_TESTS = $(wildcard tests/core tests/adapters tests/contract tests/pipeline tests/airflow) tests/test_plugins.py
# What of them meets Airflow, SQLAlchemy and Google's clients most directly, in some minutes.
LANE_SHARE = tests/airflow tests/contract \
	$(addprefix tests/adapters/,connections ledger stage bigquery/test_warehouse.py) \
	tests/pipeline/test_slices.py tests/test_plugins.py
LANE = $(if $(SHARE),$(LANE_SHARE),$(LANE_TESTS))
READY = @$(PYTHON3) bootstrap.py
TOOLS = @$(PYTHON3) bootstrap.py --no-servers

.DEFAULT_GOAL := help
.PHONY: help demo test longer check bench bench-tables bench-ledger bench-upload celery bench-shards first-table balance cost scale simulate test-airflow2 test-airflow210 test-airflow31 pins clean loss loss-mysql mutants \
	schedulers schedulers-airflow2 schedulers-airflow31 hard silence tables test-zone cloud browser model crash site release pictures

help:  ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## /|/' | awk -F'|' '{printf "make %-20s %s\n", $$1, $$2}'

demo:  ## two live sources, hour by hour, through Airflow into BigQuery tables, all on this machine
	$(READY)
	@.venv/bin/floodmark demo

test:  ## the fast test suite: real PostgreSQL, Cloud Storage and BigQuery on this machine; SPENT=1: where its time goes
	$(READY)
	@$(RUN) -m pytest -m "not long and not slow" -n 2 --dist worksteal $(if $(SPENT),-p tests.spent --durations=40)

longer:  ## what of the same tests takes longer: comparisons and checksums in depth, killed reads, whole DAG runs, the wheel alone, a year of hours; SHARE=ci: every second test, by turns; of each the first case, and every sixth of the others
	$(READY)
	@$(if $(SHARE),CASES_SHARE=6 TESTS_SHARE=2 TURN=$$(git rev-list --count HEAD) )$(RUN) -m pytest -m "slow and not long" -n 2 --dist worksteal
	@$(if $(SHARE),CASES_SHARE=6 )$(RUN) -m pytest -m long -n 2 --dist worksteal tests/core tests/test_installed.py

ZONE_TESTS = tests/adapters/bigquery $(patsubst %,tests/pipeline/test_%.py,\
	slices kinds keys append_late held reconcile reconcile_values partitions_attached)
test-zone:  ## what meets BigQuery's values, in a project whose default time zone is Los Angeles
	$(READY)
	@FLOODMARK_BIGQUERY_TIME_ZONE=America/Los_Angeles $(RUN) -m pytest -n 2 --dist worksteal \
		$(ZONE_TESTS)

check:  ## format, lint, types, layers, and the documentation's links by building its site
	$(TOOLS)
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(SITE)

SITE = $(RUN) -m zensical build --strict --clean
site:  ## the documentation as a site, in site/index.html
	$(TOOLS)
	@$(SITE)

test-airflow2:  ## what meets Airflow, SQLAlchemy and the oldest Python, beside Composer's Airflow 2.11.1 on Python 3.11; SHARE=ci: a share of it
	@$(PYTHON3) bootstrap.py --airflow2
	@.venv-airflow2/bin/python -m pytest -n 2 --dist worksteal $(LANE)

test-airflow31:  ## the same beside Composer's Airflow 3.1.7 on Python 3.11
	@$(PYTHON3) bootstrap.py --airflow31
	@.venv-airflow31/bin/python -m pytest -n 2 --dist worksteal $(if $(SHARE),-m "not long and not slow") $(LANE)
	@$(if $(SHARE),.venv-airflow31/bin/python -m pytest -m "slow and not long" -n 2 tests/airflow/test_runs.py -k "an_hour_flows or share_a_task")

test-airflow210:  ## that Airflow 2.10 is refused clearly, on one
	@$(PYTHON3) bootstrap.py --airflow210
	@.venv-airflow210/bin/python -m pytest -m long tests/airflow210

SCHEDULERS3 = tests/schedulers/airflow3
SCHEDULERS2 = tests/schedulers/airflow2
SHARE3 = $(addprefix $(SCHEDULERS3)/test_,first_load.py reconcile.py \
	catch_up.py::test_missed_hours_are_done_as_one_by_the_newest_run \
	old_spelling.py::test_hours_flow_and_again_over_the_same_hours_without_a_difference \
	old_spelling.py::test_a_backfill_whose_scheduler_is_killed_with_its_tasks_is_finished_by_the_next)
SHARE2 = $(addprefix $(SCHEDULERS2)/test_,\
	backfill.py::test_hours_flow_and_again_over_the_same_hours_without_a_difference \
	scheduler.py::test_missed_hours_are_done_as_one_and_a_table_is_reloaded_on_demand)

schedulers:  ## Airflow 3.3 as it is deployed: backfills, catch-up, reloads; all of it killed; SHARE=ci: some of them
	$(READY)
	@$(RUN) -m pytest -m long $(if $(SHARE),$(SHARE3),$(SCHEDULERS3))

schedulers-airflow31:  ## the same of Airflow 3.1, but for the long backfill and `airflow dags backfill`, which it doesn't have
	@$(PYTHON3) bootstrap.py --airflow31
	@.venv-airflow31/bin/python -m pytest -m long $(SCHEDULERS3) \
		$(addprefix --ignore=$(SCHEDULERS3)/test_,long_backfill.py old_spelling.py)

schedulers-airflow2:  ## Airflow 2.11 as it is deployed: its own backfill, catch-up, reloads; a scheduler killed
	@$(PYTHON3) bootstrap.py --airflow2
	@.venv-airflow2/bin/python -m pytest -m long $(if $(SHARE),$(SHARE2),$(SCHEDULERS2))

CELERY_TABLES ?= $(if $(SHARE),24,200)
celery:  ## two workers of Celery's, each killed, and the scheduler; Redis is installed by apt-get where it is missing and make runs as root; SHARE=ci: 24 tables instead of 200
	@$(PYTHON3) bootstrap.py --celery
	@CELERY_TABLES=$(CELERY_TABLES) .venv-celery/bin/python -m pytest -m long tests/celery

bench:  ## a slice to Parquet by Floodmark and by others, beside a raw COPY: wall, CPU, memory; MariaDB's beside its client; rewrites benchmarks/report.md; ARGS="--help": its options
	$(READY)
	@$(RUN) benchmarks/speed/run.py $(ARGS)

first-table:  ## from pip install to a sealed table of one's own, typed as the README has it, with its seconds; rewrites docs/first-table.md
	$(READY)
	@$(RUN) benchmarks/first_table.py --page docs/first-table.md

bench-tables:  ## a source of many tables: CPU and bytes of its DAGs, CPU of a table in an idle and in a busy slice
	$(READY)
	@$(RUN) benchmarks/many_tables.py

bench-ledger:  ## a write to the ledger in each of its places, beside the place's own write: wall and CPU time
	$(READY)
	@$(RUN) benchmarks/ledger_writes.py

bench-upload:  ## what sending a staged object costs the worker, beside the client library's own upload: ends with 1 above 0.3 CPU seconds per 100 MB
	$(READY)
	@$(RUN) benchmarks/upload_cost.py --most 0.3

bench-shards:  ## a whole table by one reader and by two, of PostgreSQL and of MariaDB: the ratio of their times
	$(READY)
	@$(RUN) benchmarks/shards.py
	@$(RUN) benchmarks/shards.py --mysql

loss:  ## rows lost beside a concurrent workload: Floodmark, fixed slices, dlt; rewrites docs/loss-benchmark.md; SHARE=ci: a small one
	$(READY)
	@$(RUN) benchmarks/loss/run.py $(if $(SHARE),--quick,--docs docs --json benchmarks/loss/result.json)

loss-mysql:  ## the same with MariaDB as the source; rewrites its section of docs/loss-benchmark.md; SHARE=ci: a small one
	$(READY)
	@$(RUN) benchmarks/loss/run.py --mysql $(if $(SHARE),--quick --slices 6 --without-dlt,--docs docs --json benchmarks/loss/result-mysql.json)

balance:  ## what counting and comparing both ends costs, beside a sequential scan; rewrites docs/balance-benchmark.md
	$(READY)
	@$(RUN) benchmarks/balance.py --rows 1000000 10000000 --page docs/balance-benchmark.md

simulate:  ## a year of hourly runs of 1,000 tables with faults, through the real core, in minutes of CPU; rewrites docs/scale.md; SHARE=ci: a small one
	$(TOOLS)
	@$(RUN) benchmarks/simulate.py $(if $(SHARE),--tables 40 --hours 200,--write)
	@$(if $(SHARE),,$(RUN) benchmarks/scale_numbers.py --page docs/scale.md)

scale:  ## bytes, jobs, quotas and prices at any size, from one run measured anew at 10^5 rows and at 10^7; rewrites docs/scale.md
	$(READY)
	@$(RUN) benchmarks/scale_numbers.py --measure --large
	@$(RUN) benchmarks/scale_numbers.py --page docs/scale.md

cost:  ## bytes that an hourly run bills while its table grows, by kind of table; rewrites docs/cost-benchmark.md
	$(READY)
	@$(RUN) benchmarks/cost.py --rows 10000 100000 1000000 --page docs/cost-benchmark.md

mutants:  ## break each rule on purpose: its named test must fail; RULES="R4 R10" does only those, SHARE=ci one each, UNTRIED=1 new ones
	$(READY)
	@$(RUN) -m tests.mutants $(if $(SHARE),--one-each,--docs docs) $(if $(RULES),--only $(RULES)) $(if $(UNTRIED),--untried)

MODEL_STEPS ?= 400
model:  ## any order of writers, runs, deaths and pauses, and the rules broken; MODEL_STEPS=10000 is the long run, SHARE=ci a few minutes
	$(READY)
	@MODEL_STEPS=$(if $(SHARE),240,$(MODEL_STEPS)) $(RUN) -m pytest -m long $(if $(SHARE),,-n 2 --dist worksteal) \
		$(if $(SHARE),tests/model/test_model.py tests/model/test_mysql_model.py,tests/model)

silence:  ## every way known in which current may differ: equal, refused or told; SHARE=ci: a share of them
	$(READY)
	@SILENCE_SHARE=$(SHARE) $(RUN) -m pytest -m long -n 2 --dist worksteal tests/silence

hard:  ## a source behind PgBouncer, which is installed by apt-get where it is missing and make runs as root
	$(READY)
	@$(RUN) -m pytest -m long tests/pipeline/test_pooler.py

browser:  ## the page in Chromium, which is installed by apt-get where it is missing and make runs as root
	$(READY)
	@$(RUN) -m pytest -m long tests/pipeline/page

pictures:  ## the README's: the page, its tab in a real Airflow, the terminal; by Chromium, as above
	$(READY)
	@$(RUN) -m tests.airflow.web.pictures

TABLES ?= 100
tables:  ## tables that nobody would write, 300 and 1,500 columns wide too, and files broken in any way; TABLES=500 plays so many
	$(READY)
	@HARD_EXAMPLES=$(TABLES) $(RUN) -m pytest -m "slow or long or not long" -n 2 --dist worksteal \
		tests/pipeline/test_hard.py tests/core/config/test_fuzz.py tests/cli/test_hostile_options.py

cloud:  ## the product and each doubt on a real Google project, named by FLOODMARK_CLOUD_PROJECT, _BUCKET, _LOCATION: docs/cloud.md
	$(READY)
	@$(RUN) -m tests.cloud $(if $(REPORT),--report $(REPORT))

CRASH_POINTS = $(addprefix tests/pipeline/test_,crash_points.py first_load.py reconcile_applied.py)
crash:  ## SIGKILL and SIGSTOP at every write, both ledgers, three times; SHARE=ci: each once, either ledger
	$(READY)
	@CRASH_SHARE=$(SHARE) $(RUN) -m pytest -m long tests/crash $(if $(SHARE),,$(CRASH_POINTS))

release:  ## wheel and sdist in dist/, their metadata checked, both tried in empty environments beside Airflow 2.11 and 3.3
	$(READY)
	@$(RUN) -m tests.release

pins:  ## resolve all pins anew: constraints/*.txt and the servers' own
	@$(PYTHON3) bootstrap.py --pins

clean:  ## remove the environments and caches of this checkout
	rm -rf .venv .venv-airflow2 .venv-airflow210 .venv-airflow31 .mypy_cache .pytest_cache .ruff_cache .hypothesis .cache dist build site
