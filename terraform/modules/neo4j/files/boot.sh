#!/bin/bash
# Brings the graph store up: agent, volume, Neo4j, password, timers. Safe to run again, on a new volume and on one
# that has seen other machines: a disk that carries a file system is mounted, never formatted.
set -euo pipefail
. "$(dirname "$0")/database.sh"
CONF=$ROOT/etc/neo4j/neo4j.conf
PAUSE=${PAUSE:-5}

retry() { # TRIES COMMAND...
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then
      echo "given up: $*" >&2
      return 1
    fi
    sleep "$PAUSE"
  done
}

# First of all, so that what follows can be read from outside. The way to the internet may come up later than this machine.
start_agent() {
  mkdir -p "$ROOT/var/log/knowledgeweaver"
  retry 60 dnf install -y amazon-cloudwatch-agent jq
  "$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s \
    -c "file:$ROOT/etc/knowledgeweaver/cloudwatch-agent.json"
}

data_disk() {
  lsblk --nodeps --noheadings --paths --output NAME,SERIAL |
    awk -v serial="$VOLUME_SERIAL" '$2 == serial { print $1; found = 1 } END { exit !found }'
}

mount_data() {
  local disk rest
  # Terraform attaches the volume after the machine has started.
  retry 120 data_disk >/dev/null
  disk=$(data_disk)
  if ! blkid -p "$disk" >/dev/null; then
    # blkid says the same of a disk that it cannot read: only one that is read and empty is a new one.
    rest=$(head --bytes=1M "$disk" | tr -d '\0' | wc -c)
    if [ "$rest" != 0 ]; then
      echo "$disk carries no file system that is known, and yet something: nothing was touched" >&2
      return 1
    fi
    mkfs.xfs "$disk"
  fi
  mkdir -p "$DATA"
  if ! grep -q " $DATA " "$ROOT/etc/fstab"; then
    echo "UUID=$(blkid -p -s UUID -o value "$disk") $DATA xfs defaults,nofail,x-systemd.growfs 0 2" >>"$ROOT/etc/fstab"
  fi
  mountpoint -q "$DATA" || mount "$DATA"
  xfs_growfs "$DATA" >/dev/null
}

install_neo4j() {
  retry 60 rpm --import https://debian.neo4j.com/neotechnology.gpg.key
  cat >"$ROOT/etc/yum.repos.d/neo4j.repo" <<'REPO'
[neo4j]
name=Neo4j 5
baseurl=https://yum.neo4j.com/stable/5
enabled=1
gpgcheck=1
REPO
  # Java first, or the package brings another one.
  retry 60 dnf install -y java-21-amazon-corretto-headless
  retry 60 dnf install -y "neo4j-$NEO4J_RELEASE"
}

# The package's own file knows its folders and what Java needs: ours replaces line by line.
configure() { # [SETTING...]
  [ -e "$CONF.packaged" ] || cp "$CONF" "$CONF.packaged"
  printf '%s\n' "$@" | cat - "$ROOT/etc/knowledgeweaver/neo4j.conf" | awk -F= '
    FNR == 1 { file++ }
    !/^[a-z]/ { next }
    file == 1 { if (!($1 in ours)) lines[++count] = $0; ours[$1]; next }
    !($1 in ours) || $1 == "server.jvm.additional" { print }
    END { for (i = 1; i <= count; i++) print lines[i] }' - "$CONF.packaged" >"$CONF"
}

# Only where no database has ever run; later it keeps the password it has.
first_password() {
  local password
  [ ! -d "$DATA/databases/system" ] || return 0
  password=$(read_secret AWSCURRENT | jq -er .password)
  neo4j-admin dbms set-initial-password "$password" >/dev/null
}

# Whether it has come so far as to let the login in (ENTRY 0) or to refuse it (22).
decided() {
  ENTRY=0
  ask neo4j '{"statements": [{"statement": "RETURN 1"}]}' >/dev/null 2>&1 || ENTRY=$?
  [ "$ENTRY" = 0 ] || [ "$ENTRY" = 22 ]
}

restart() {
  systemctl restart neo4j
  # A database that was not stopped cleanly repairs itself first.
  retry 360 decided
}

# A volume restored from a backup has the password of its day. Neo4j's way back in: no authentication
# for a moment, in which nobody but this machine can reach the database.
reset_password() {
  # shellcheck disable=SC2016 # a parameter of Cypher
  local statement='ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED' body
  echo "the database knows neither the current nor the pending password: setting the current one"
  # Whatever goes wrong, it does not stay like that.
  trap 'configure; systemctl stop neo4j' EXIT
  configure dbms.security.auth_enabled=false server.bolt.listen_address=127.0.0.1:7687
  restart
  keep_login AWSCURRENT
  body=$(read_secret AWSCURRENT | jq -c --arg statement "$statement" \
    '{statements: [{statement: $statement, parameters: {password}}]}')
  ask system "$body" >/dev/null
  configure
  trap - EXIT
  restart
  [ "$ENTRY" = 0 ]
}

# Pending: a rotation is under way and has changed the database already.
agree_on_password() {
  if [ "$ENTRY" = 22 ] && keep_login AWSPENDING 2>/dev/null; then
    decided
  fi
  if [ "$ENTRY" = 22 ]; then
    reset_password
  fi
}

start_agent
mount_data
install_neo4j
configure
retry 60 keep_login AWSCURRENT
first_password
chown -R neo4j:neo4j "$DATA"
systemctl daemon-reload
systemctl enable neo4j
restart
agree_on_password
systemctl enable --now neo4j-health.timer neo4j-metrics.timer
echo "the graph store is up"
