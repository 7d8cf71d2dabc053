#!/bin/bash
# Says in one line whether the graph store serves; exit code 1 when not. With --watch (once a minute, by timer) it
# says only what changes, and restarts a database that has answered since its start and no longer does.
set -uo pipefail
. "$(dirname "$0")/database.sh"
FAILURES=$RUN/failures ANSWERED=$RUN/answered
SILENT="database: does not answer"

problem() {
  local used
  mountpoint -q "$DATA" || { echo "volume: not mounted"; return; }
  touch "$DATA/.writable" 2>/dev/null || { echo "volume: takes no writes"; return; }
  used=$(df --output=pcent "$DATA" | tr -dc 0-9)
  [ "$used" -lt 95 ] || { echo "volume: $used % full"; return; }
  systemctl is-active --quiet neo4j || { echo "database: not running"; return; }
  query neo4j 'RETURN 1' >/dev/null 2>&1 || echo "$SILENT"
}

# Changes with each start of the database.
invocation() {
  systemctl show --property InvocationID --value neo4j
}

watch() { # PROBLEM
  local failures
  failures=$(cat "$FAILURES" 2>/dev/null || echo 0)
  if [ -z "$1" ]; then
    [ "$failures" = 0 ] || echo "healthy again"
    echo 0 >"$FAILURES"
    invocation >"$ANSWERED"
    return
  fi
  failures=$((failures + 1))
  echo "$failures" >"$FAILURES"
  echo "unhealthy ($failures): $1"
  # One that still starts up, repairing itself perhaps, is left alone; one that a person stopped as well.
  if [ "$failures" -ge 3 ] && [ "$1" = "$SILENT" ] && [ "$(cat "$ANSWERED" 2>/dev/null)" = "$(invocation)" ]; then
    echo "restarting the database"
    systemctl restart neo4j
    echo 0 >"$FAILURES"
  fi
}

install -d -m 700 "$RUN"
found=$(problem)
if [ "${1:-}" = --watch ]; then
  watch "$found" | while read -r line; do echo "$(date -u +%FT%TZ) $line"; done
else
  echo "${found:-healthy}"
fi
[ -z "$found" ]
