#!/bin/bash
# How this machine talks to its own database: over HTTP on the loopback, as the user whose password
# is in Secrets Manager. Sourced by the other scripts. ROOT lets the tests run them elsewhere.
ROOT=${ROOT:-}
# shellcheck source=/dev/null
. "$ROOT/etc/knowledgeweaver/neo4j.env"
export AWS_REGION
# shellcheck disable=SC2034 # for those who source this
DATA=$ROOT/var/lib/neo4j/data
RUN=$ROOT/run/knowledgeweaver
# In memory only, for root only.
LOGIN=$RUN/login
HTTP=${NEO4J_HTTP:-http://127.0.0.1:7474}

read_secret() { # STAGE
  aws secretsmanager get-secret-value --secret-id "$NEO4J_SECRET_ID" --version-stage "$1" \
    --query SecretString --output text
}

# curl reads the login from a file, so that no password shows in the list of processes.
keep_login() { # STAGE
  install -d -m 700 "$RUN"
  (umask 077 && read_secret "$1" | jq -er '"user = " + (.username + ":" + .password | @json)' >"$LOGIN.new") &&
    mv "$LOGIN.new" "$LOGIN"
}

ask() { # DATABASE BODY; fails with 22 where the login is refused
  local answer
  answer=$(curl --silent --show-error --max-time 20 --config "$LOGIN" --write-out '\n%{http_code}' \
    --header 'Content-Type: application/json' --data @- "$HTTP/db/$1/tx/commit" <<<"$2") || return 1
  case ${answer##*$'\n'} in
    20?) jq -e 'if .errors == [] then .results else error(.errors[0].message) end' <<<"${answer%$'\n'*}" ;;
    401) return 22 ;;
    *) return 1 ;;
  esac
}

# Answers as a list of results. The password may have been rotated since it was read: ask once more with the new one.
query() { # DATABASE STATEMENT...
  local database=$1 body code=0
  shift
  body=$(jq -nc '{statements: [$ARGS.positional[] | {statement: .}]}' --args -- "$@")
  [ -s "$LOGIN" ] || keep_login AWSCURRENT || return
  ask "$database" "$body" || code=$?
  [ "$code" = 22 ] || return "$code"
  keep_login AWSCURRENT && ask "$database" "$body"
}
