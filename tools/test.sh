#!/usr/bin/env bash
# 全部检验，一步失败也走完其余各步，最后给出汇总。
#   tools/test.sh         全部
#   tools/test.sh lint    只做不需要数据库的检查（格式、类型、楼层、文案）
# CI=true 时，凡是没有真正检验的（缺浏览器、PostgreSQL、真实数据，或有用例被跳过）都算失败。
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# --- 准备 ---

install_system_packages() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium)
  # ODK Validate, a Java program inside pyxform's wheel, judges the forms we export.
  command -v java >/dev/null || missing+=(default-jre-headless)
  bash tools/postgres.sh bin >/dev/null 2>&1 || missing+=(postgresql)
  # Playwright brings its own Node.js, which needs this library; Debian's Chromium does not draw it in.
  compgen -G '/usr/lib*/libatomic.so.1*' >/dev/null || compgen -G '/usr/lib/*/libatomic.so.1*' >/dev/null ||
    missing+=(libatomic1)
  # The judge of our perceptual hash, pdqhash, comes as source: a C++ compiler and Python's headers.
  command -v g++ >/dev/null || missing+=(g++)
  python_headers || missing+=(python3-dev)
  [[ -n "$(fc-list :lang=zh 2>/dev/null)" ]] || missing+=(fontconfig fonts-noto-cjk)
  # LibreOffice judges the layout of our .docx; its Times New Roman is Liberation Serif.
  command -v soffice >/dev/null || missing+=(libreoffice-writer-nogui)
  [[ -n "$(fc-list 'Liberation Serif' 2>/dev/null)" ]] || missing+=(fonts-liberation)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    say "测试还需要：${missing[*]}。请运行：sudo apt-get install -y ${missing[*]}，然后重试。"
    return 1
  fi
  say "正在安装：${missing[*]}……"
  quietly apt-get update -qq
  DEBIAN_FRONTEND=noninteractive quietly apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Whether the Python that builds the environment has its C headers.
python_headers() {
  local python=python3
  [[ -x .venv/bin/python ]] && python=.venv/bin/python
  "$python" -c 'import pathlib, sysconfig; raise SystemExit(not (pathlib.Path(sysconfig.get_paths()["include"]) / "Python.h").is_file())'
}

# What a command says matters only when it fails.
quietly() {
  local log status=0
  log="$(mktemp)"
  "$@" >"$log" 2>&1 || status=$?
  [[ $status -eq 0 ]] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# Tests meet neither a developer's data nor a developer's settings.
isolate() {
  local name
  for name in ${!CHUANGWEN_@}; do unset "$name"; done
  scratch="$(mktemp -d)"
  trap 'rm -rf "$scratch"' EXIT
  export CHUANGWEN_DATA="$scratch/data" DJANGO_SETTINGS_MODULE=chuangwen.project.settings
  # The many small programs of the tests share what the first of them compiled.
  unset PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX
  mkdir "$CHUANGWEN_DATA"
}

# --- 各步 ---

stage() {
  local title="$1" started=$SECONDS outcome=通过
  shift
  printf '\n━━ %s\n' "$title"
  "$@" || outcome=失败
  printf '── %s：%s，%d 秒\n' "$title" "$outcome" $((SECONDS - started))
  printf '  %s  %4d 秒  %s\n' "$outcome" $((SECONDS - started)) "$title" >>"$scratch/summary"
}

style() {
  python -m ruff check . && python -m ruff format --check .
}

types() {
  python -m mypy chuangwen tests tools
}

# Two hash seeds: a set in a constraint has another order on another day, and would then ask for a migration.
migrations() {
  local seed
  for seed in 1 2; do
    PYTHONHASHSEED=$seed python -m django makemigrations --check --dry-run || return 1
  done
}

# One test that never ends must not take the run with it: after three minutes it is stopped and named, the rest goes on.
pytest_here=(python -m pytest -n 2 --dist worksteal -o faulthandler_timeout=180 -o faulthandler_exit_on_timeout=true)

# A skipped test is a thing not tested: outside CI its reason is printed, in CI it fails.
run_pytest() {
  local log="$scratch/pytest.log" status=0
  "$@" -r fEs 2>&1 | tee "$log" || status=$?
  if [[ ${CI:-} == true ]] && tail -n 3 "$log" | grep -Eq '[0-9]+ skipped'; then
    say "CI 中不许跳过用例，跳过的原因见上。"
    status=1
  fi
  return "$status"
}

# What asks the database in its own way: every operation and query, the pages once for each reach, searching, paging,
# figures, budgets, and locks. The other pages call the same operations and queries.
database_bound=(
  tests/domain tests/edges/test_{every_url,query_budgets,key_pages,api_cases,openrosa_parallel,desk_dashboard,desk_map}.py
)

lint_stages() {
  stage "格式（ruff）" style
  stage "类型（mypy）" types
  stage "楼层（import-linter）" lint-imports
  stage "前端文件与清单一致（tools/vendor.py）" python tools/vendor.py --check
  stage "文案（tools/messages.py）" python tools/messages.py --check
  stage "迁移齐全（makemigrations --check）" migrations
}

# The checks that need no database use one core only: they run beside the tests on PostgreSQL.
test_stages() {
  lint_stages >"$scratch/lint.log" 2>&1 &
  local lint=$!
  stage "测试（PostgreSQL）" run_pytest bash tools/postgres.sh run \
    "${pytest_here[@]}" -m "not real and not embedded" "${database_bound[@]}"
  wait "$lint" || echo "  失败     0 秒  检查没有走完" >>"$scratch/summary"
  cat "$scratch/lint.log"
  stage "测试（SQLite）" run_pytest "${pytest_here[@]}" -m "not postgres"
}

summarise() {
  printf '\n━━ 汇总\n'
  cat "$scratch/summary"
  printf '  合计  %4d 秒\n' "$SECONDS"
  if grep -q '^  失败' "$scratch/summary"; then
    echo "有检验没有通过。"
    return 1
  fi
  echo "全部通过。"
}

only="${1:-all}"
[[ $only == all || $only == lint ]] || { say "用法：tools/test.sh [lint]"; exit 2; }
[[ $only == lint ]] || install_system_packages
bash tools/venv.sh dev
[[ $only == lint ]] || bash tools/odk.sh || say "ODK 表单引擎没有装上，用它的测试会跳过（CI 中算失败）。"
export PATH="$PWD/.venv/bin:$PATH"
isolate
printf '  %s  %4d 秒  %s\n' 通过 "$SECONDS" 准备环境 >"$scratch/summary"
if [[ $only == lint ]]; then lint_stages; else test_stages; fi
summarise
