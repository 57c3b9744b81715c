#!/usr/bin/env bash
# Runs beside the server as long as it lives: loads time zones, joins the primary or the group, then keeps passwords and certificates in
# step with their Secrets without a restart, and keeps binary logs within their part of the volume.
#
# Invariants:
# - A password never waits for a restart: a rolling update restarts the replica first, which would then have a password that
#   the primary does not know yet, and would wait for it forever.
# - Passwords stay out of the binary log: each server changes its own accounts.
# - The app's old password stays valid for RETAINED seconds: the app's pods get the new one at different times.
# https://dev.mysql.com/doc/refman/9.7/en/using-encrypted-connections.html#using-encrypted-connections-server-side-runtime-configuration
. "${0%/*}/common.sh"

# seconds between two checks of the Secrets; the kubelet takes up to two minutes to update them
PERIOD=15
# seconds, more than the kubelet takes to update a Secret in every pod
RETAINED=600

# join: as a background job, because passwords may change while it waits; the old job has the old ones
joining=
join() {
  joins || return 0
  if [[ -n $joining ]]; then kill "$joining" 2>/dev/null || true; fi
  bash "$CONF/join.sh" &
  joining=$!
}

# apply: new passwords
apply() {
  local line all sql=
  all=$(accounts) || return
  while IFS= read -r line; do
    if [[ $line != 'ALTER USER '* ]]; then continue; fi
    if [[ $line == "ALTER USER 'app'"* ]]; then
      if [[ $now_app == "$known_app" ]]; then continue; fi
      line=${line/" REQUIRE "/" RETAIN CURRENT PASSWORD REQUIRE "}
    fi
    sql+=$'\n'$line
  done <<<"$all"
  # root is the last of the accounts: its old password works until all is done
  unlocked "$sql" || return
  if [[ $now_app != "$known_app" ]]; then retired=$((SECONDS + RETAINED)); fi
  known_app=$now_app
  options root && options monitoring && here 'ALTER INSTANCE RELOAD TLS'
}

# retire: ends the validity of the app's old password
retire() {
  unlocked "ALTER USER 'app'@'%' DISCARD OLD PASSWORD;" || return
  retired=
  say 'the old password of app opens no more'
}

# astray: the last join failed, or its receiver stopped with an error that needs a new comparison
astray() {
  if [[ -z $joining ]] || kill -0 "$joining" 2>/dev/null; then return 1; fi
  if ! wait "$joining"; then return; fi
  [[ $(here "SELECT COUNT(*) FROM performance_schema.replication_connection_status
    WHERE SERVICE_STATE = 'OFF' AND LAST_ERROR_NUMBER <> 0") == 1 ]]
}

# trim: purges the oldest binary logs when all together exceed their part of the volume, never the newest two. The server
# keeps logs that a replica or a backup is reading
trim() {
  local all names=() sizes=() i sum=0
  all=$(here 'SHOW BINARY LOGS') || return
  while read -r name size _; do names+=("$name") sizes+=("$size"); done <<<"$all"
  for ((i = ${#names[@]} - 1; i >= 0; i--)); do
    sum=$((sum + sizes[i]))
    if ((sum > BINARY_LOG_BYTES && i < ${#names[@]} - 2)); then
      say "the binary logs have outgrown their part of the volume: those before ${names[i + 1]} go"
      here "PURGE BINARY LOGS TO '${names[i + 1]}'"
      return
    fi
  done
}

# app_of STATE: the checksum of the app's password in STATE
app_of() { while read -r sum file; do if [[ $file == */app ]]; then printf '%s' "$sum"; fi; done <<<"$1"; }

known=$(<"$RUN/state")
known_app=$(app_of "$known")
# a restart loses the time at which a password was to be retired
retired=$((SECONDS + RETAINED))
bash "$CONF/zones.sh" || true
join
while sleep "$PERIOD"; do
  if [[ -n $retired ]] && ((SECONDS > retired)); then retire || true; fi
  trim || true
  now=$(state) || continue
  now_app=$(app_of "$now")
  if [[ $now != "$known" ]] && apply; then
    known=$now
    say 'passwords and certificates are those of the Secrets'
    join
  elif astray; then
    join
  fi
done
