#!/usr/bin/env bash
# Runs in the container of a database: whether its server accepts a password. Prints yes or no.
# Standard input: an account and its password in base64, separated by a space
# shellcheck source=/dev/null
. /etc/threewall/common.sh
read -r account secret
RUN=$(mktemp -d)
# where the functions of common.sh look for passwords
# shellcheck disable=SC2034
USERS=$RUN
trap 'rm -r "$RUN"' EXIT
base64 -d >"$RUN/$account" <<<"$secret"
options "$account"
answer=$(mysql --defaults-file="$RUN/$account.cnf" --skip-column-names --batch --execute='SELECT 7' 2>&1) || true
case $answer in
7) echo yes ;;
*'ERROR 1045'*) echo no ;;
*)
  say "$answer"
  exit 1
  ;;
esac
