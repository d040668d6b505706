#!/usr/bin/env bash
# 准备 .venv，依赖没有变化时立即返回。
#   tools/venv.sh        运行所需
#   tools/venv.sh dev    另加开发工具（pyproject.toml 的 dev 组和构建工具）
set -euo pipefail
cd "$(dirname "$0")/.."

python="${PYTHON:-python3}"
want="${1:-run}"

say() { printf '%s\n' "$*" >&2; }
refuse() { say "$@"; exit 1; }

check_python() {
  command -v "$python" >/dev/null ||
    refuse "找不到 $python。请先安装 Python 3.11 或更新版本：sudo apt-get install -y python3 python3-venv"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    refuse "需要 Python 3.11 或更新版本，现在是 $("$python" --version)。Debian 12 自带 3.11；也可用 PYTHON=/路径/python3.11 指定。"
}

# Debian splits venv off: `import venv` works there, but ensurepip is missing and the new environment gets no pip.
check_venv_module() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "缺少 venv 模块，正在安装 python3-venv……"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
  fi
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    refuse "缺少 venv 模块。请运行：sudo apt-get install -y python3-venv，然后重试。"
}

# A moved folder or an upgraded Python leaves an environment that starts but points elsewhere.
usable() {
  .venv/bin/python -m pip --version >/dev/null 2>&1 && head -n 3 .venv/bin/pip | grep -qF "$PWD/.venv/bin/"
}

prepared() {
  [[ -x .venv/bin/chuangwen && -f ".venv/.prepared-$1" && "$(<".venv/.prepared-$1")" == "$key" ]]
}

pip_install() {
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input "$@"
}

install_run() {
  pip_install --editable .
}

# One development tool, pdqhash, comes as source on Linux; running the system needs no compiler.
check_compiler() {
  command -v g++ >/dev/null && return
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "缺少 C++ 编译器（开发工具要用），正在安装 g++ 和 python3-dev……"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq g++ python3-dev >/dev/null
  fi
  command -v g++ >/dev/null || refuse "开发工具要用 C++ 编译器。请运行：sudo apt-get install -y g++ python3-dev，然后重试。"
}

# Tests build the wheel without network, so the build back-end has to be in the environment as well.
install_dev() {
  local build_tools
  pip_install "pip>=25.1" # the first that knows --group
  build_tools="$(.venv/bin/python -c \
    'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')"
  # shellcheck disable=SC2086 # one word for each requirement
  pip_install $build_tools --editable . --group dev
}

[[ $want == run || $want == dev ]] || refuse "用法：tools/venv.sh [dev]"
check_python
key="$({ cat pyproject.toml; pwd; "$python" --version; } |
  "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')"
if prepared dev || prepared "$want"; then
  exit 0
fi
check_venv_module
[[ $want != dev ]] || check_compiler
usable || "$python" -m venv --clear .venv
say "正在安装依赖，第一次约需一分钟……"
"install_$want"
printf '%s' "$key" >".venv/.prepared-$want"
