#!/usr/bin/env bash
# 一次性的 PostgreSQL：建在临时目录里，命令结束就停止并删除。
#   tools/postgres.sh run 命令 参数……   设好 CHUANGWEN_DATABASE_URL 再运行命令，退出码就是命令的退出码
#   tools/postgres.sh bin               打印 PostgreSQL 程序所在目录
set -euo pipefail

refuse() { printf '%s\n' "$*" >&2; exit 1; }

# Debian keeps initdb and pg_ctl out of PATH; the newest version wins.
find_bin() {
  local newest
  newest="$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)" || true
  if [[ -n $newest ]]; then
    dirname "$newest"
  elif command -v pg_config >/dev/null && [[ -x "$(pg_config --bindir)/initdb" ]]; then
    pg_config --bindir
  else
    refuse "找不到 PostgreSQL。请运行：sudo apt-get install -y postgresql"
  fi
}

# initdb refuses root: then the cluster belongs to an ordinary user.
choose_owner() {
  [[ $EUID -eq 0 ]] || { id -un; return; }
  if id -u postgres >/dev/null 2>&1; then
    echo postgres
  else
    id -u chuangwen-test >/dev/null 2>&1 || useradd --system --no-create-home chuangwen-test
    echo chuangwen-test
  fi
}

as_owner() {
  if [[ $EUID -eq 0 ]]; then
    (cd "$place" && runuser -u "$owner" -- "$@")
  else
    (cd "$place" && "$@")
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start() {
  port="$(free_port)"
  password="$(python3 -c 'import secrets; print(secrets.token_hex(16))')"
  (umask 077 && printf '%s' "$password" >"$place/password")
  [[ $EUID -ne 0 ]] || chown -R "$owner" "$place"
  as_owner "$bin/initdb" --pgdata="$place/data" --username=chuangwen --pwfile="$place/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  # Nothing here has to survive a power cut, so it need not wait for the disk.
  as_owner "$bin/pg_ctl" start --pgdata="$place/data" --wait --timeout=60 --log="$place/log" --options="-p $port \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=$place \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off" >/dev/null ||
    refuse "临时 PostgreSQL 没有启动：$(tail -n 20 "$place/log")"
  PGPASSWORD="$password" "$bin/createdb" --host=127.0.0.1 --port="$port" --username=chuangwen chuangwen
}

stop() {
  [[ ! -f "$place/data/postmaster.pid" ]] ||
    as_owner "$bin/pg_ctl" stop --pgdata="$place/data" --mode=immediate --wait >/dev/null || true
  rm -rf "$place"
}

run() {
  [[ $# -gt 0 ]] || refuse "用法：tools/postgres.sh run 命令 参数……"
  bin="$(find_bin)"
  owner="$(choose_owner)"
  place="$(mktemp -d /tmp/chuangwen-pg.XXXXXX)" # short: a socket's path may have 107 bytes at most
  trap stop EXIT
  trap 'exit 130' INT TERM
  trap : PIPE # a reader that died first must not stop us from cleaning up
  start
  # Without the pool: its threads would keep connections open that a test database has to be free of.
  CHUANGWEN_DB_POOL="${CHUANGWEN_DB_POOL:-0}" \
    CHUANGWEN_DATABASE_URL="postgresql://chuangwen:$password@127.0.0.1:$port/chuangwen" "$@"
}

case "${1:-}" in
  run) shift && run "$@" ;;
  bin) find_bin ;;
  *) refuse "用法：tools/postgres.sh run 命令 参数……，或 tools/postgres.sh bin" ;;
esac
