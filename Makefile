# 常用命令。make 或 make help 列出全部。
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint format bench clean

PORT ?= 8000
DATA ?= var/demo

help: ## 列出这些命令
	@echo '用法：make 命令 [PORT=8000] [DATA=var/demo]'
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  %-8s %s\n", $$1, $$2}'

demo: ## 一条命令看样例城区：装好依赖、建库、装入样例、启动网站（PORT 端口，DATA 数据目录）
	@bash tools/venv.sh
	@exec .venv/bin/chuangwen demo --port "$(PORT)" --data "$(DATA)"

test: ## 全部检验：格式、类型、楼层、SQLite 和 PostgreSQL 上的测试
	@bash tools/test.sh

lint: ## 只做格式、类型、楼层、文案检查
	@bash tools/test.sh lint

format: ## 自动整理代码格式
	@bash tools/venv.sh dev
	@.venv/bin/python -m ruff check --fix .
	@.venv/bin/python -m ruff format .

bench: ## 运行基准程序（bench/README.md 说明各项含义）
	@bash tools/venv.sh dev
	@shopt -s nullglob; programs=(bench/*.py); \
	[[ $${#programs[@]} -gt 0 ]] || { echo 'bench/ 里还没有基准程序。' >&2; exit 1; }; \
	for program in "$${programs[@]}"; do echo "━━ $$program"; .venv/bin/python "$$program" || exit 1; done

clean: ## 删除 .venv、缓存和构建产物；var/ 里的数据保留
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo '已清理。数据仍在 var/，不要时请自行删除。'
