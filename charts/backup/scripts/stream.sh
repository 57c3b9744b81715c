#!/bin/bash
# Streams the binary logs of the current primary to files that ship.sh stores. A stream is a folder
# `<seconds since 1970>-<server_uuid>`: in the order in which servers were followed.
#
# raw/     what mysqlbinlog writes as it comes
# open/    the file that grows, up to a transaction's end, and `state`: time, stream, transactions, file, its size
# closed/  files that are complete
#
# Beside the files of a stream, `past` has the transactions whose logs its server did not have when the stream began: a server that was
# cloned does not name them in `Previous`. It never changes: what is purged later was in the stream. `reset` is there where the same
# server has begun anew (RESET BINARY LOGS AND GTIDS, an older copy of its volume): its names of transactions and logs come a second time.
. "${0%/*}/common.sh"
options
mkdir -p "$WORK"/{raw,open,closed}

reader='' source='' stream='' streamed=''
stop_reader() {
  if [[ -n $reader ]]; then
    kill "$reader" 2>/dev/null || true
    wait "$reader" 2>/dev/null || true
  fi
  reader=''
}
trap stop_reader EXIT
trap 'exit 143' TERM INT

# covered: what the repository holds, as far as the state says
covered() { if [[ -e $WORK/open/state ]]; then sed -n 3p "$WORK/open/state"; fi; }

# cut_back: what was being appended when this script was killed is no whole transaction
cut_back() {
  local last file size
  if [[ ! -e $WORK/open/state ]]; then return; fi
  last=$(sed -n 2p "$WORK/open/state")
  read -r file size < <(sed -n 4p "$WORK/open/state") || return 0
  truncate --no-create --size="<$size" "$WORK/open/$last/$file"
}

# until_shipped: files stay as they are while ship.sh stores them
until_shipped() { while [[ -e $WORK/go ]]; do sleep 0.2; touch "$WORK/streams"; done; }

# previous FILE: the transactions before a binary log of the source
previous() { ask "$source" "SHOW BINLOG EVENTS IN '$1' LIMIT 2" | awk -F '\t' '$3 == "Previous_gtids" { print $6 }' | tr -d '\n'; }
# subset SET SET: 1 or 0; fails where the source does not answer, which says nothing of its transactions
subset() { ask "$source" "SELECT GTID_SUBSET('$1', '$2')"; }

# close FILE: of a stream, with what goes with it
close() {
  local folder=${1%/*}
  local name=${folder##*/} beside
  mkdir -p "$WORK/closed/$name"
  for beside in past reset; do
    if [[ -e $WORK/open/$name/$beside ]]; then cp "$WORK/open/$name/$beside" "$WORK/closed/$name/"; fi
  done
  mv "$1" "$WORK/closed/$name/"
}

# gap WHY: noted until a full backup makes up for it
gap() {
  say "GAP: $1; a restore to a time between needs the next full backup"
  date +%s >"$WORK/open/gap"
}

# follow: begins with the newest log that follows what is covered
follow() {
  local uuid last held i first file purged has before whole=1 follows now
  stop_reader
  streamed=''
  find_servers
  if [[ -z $primary ]]; then say 'no database can be written to: waits for one'; return 1; fi
  source=$primary
  uuid=$(ask "$source" 'SELECT @@server_uuid') || return
  mapfile -t logs < <(ask "$source" 'SHOW BINARY LOGS' | cut -f1)
  ((${#logs[@]} > 0)) || { say "$source has no binary logs"; return 1; }
  last=''
  if [[ -e $WORK/open/state ]]; then last=$(sed -n 2p "$WORK/open/state"); fi
  held=$(covered)
  purged=$(ask "$source" "SELECT REPLACE(@@global.gtid_purged, '\n', '')") || return
  first=${logs[0]}
  if [[ $last == *"-$uuid" ]]; then
    has=$(executed "$source") || return
    whole=$(subset "$held" "$has") || return
  fi
  if [[ $whole == 0 ]]; then
    gap "$source has begun its binary logs anew, and lacks what is stored"
  elif [[ -n $held ]]; then
    first=''
    for ((i = ${#logs[@]} - 1; i >= 0; i--)); do
      before=$(previous "${logs[i]}") || return
      follows=$(subset "$before,$purged" "$held") || return
      if [[ $follows == 1 ]]; then first=${logs[i]}; break; fi
    done
    if [[ -z $first ]]; then
      first=${logs[0]}
      gap "$source no longer has what follows the stored binary logs"
    fi
  fi
  stream=$last
  if [[ $last != *"-$uuid" || $whole == 0 ]]; then
    # after the last one, whatever the clock says
    now=$(date +%s) last=${last%%-*}
    stream=$((now > last ? now : last + 1))-$uuid
    mkdir -p "$WORK/open/$stream"
    printf '%s\n' "$purged" >"$WORK/open/$stream/past"
    if [[ $whole == 0 ]]; then printf '%s\n' "$held" >"$WORK/open/$stream/reset"; fi
  fi
  mkdir -p "$WORK/open/$stream"
  # what is not continued is complete as it is
  for file in "$WORK"/open/*/binlog.*; do
    if [[ -e $file && $file != "$WORK/open/$stream/$first" ]]; then
      close "$file"
    fi
  done
  for file in "$WORK"/open/*/; do if [[ $file != "$WORK/open/$stream/" ]]; then rm -rf "$file"; fi; done
  rm -rf "$WORK/raw"
  mkdir -p "$WORK/raw/$stream"
  say "follows $source from $first"
  mysqlbinlog --defaults-file="$RUN/client.cnf" --host="$source" --read-from-remote-server --raw --stop-never \
    --connection-server-id=4294967294 --result-file="$WORK/raw/$stream/" "$first" &
  reader=$!
}

size() { stat -c %s "$1" 2>/dev/null || echo 0; }

# lay_out: what there is until now, in open/ and closed/; fails when the source is no longer the primary, or is away
lay_out() {
  local answer time read_only uuid whole file position gtids raw have waited
  answer=$(ask "$source" "SELECT DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL 1 SECOND, '%Y-%m-%d %H:%i:%s.%f'), @@global.super_read_only, @@server_uuid,
    GTID_SUBSET('$streamed', @@global.gtid_executed); SHOW BINARY LOG STATUS" 2>"$RUN/ask") || {
    say "$source does not answer: $(<"$RUN/ask")"
    return 1
  }
  IFS=$'\t' read -r time read_only uuid whole <<<"${answer%%$'\n'*}"
  # the columns between are empty, and the set goes over several lines
  read -r file position gtids <<<"$(tr -d '\n' <<<"${answer#*$'\n'}" | tr -s '\t' ' ')"
  if [[ $read_only != 0 || $stream != *"-$uuid" ]]; then say "$source is no longer the primary that it was"; return 1; fi
  if [[ $whole != 1 ]]; then say "$source lacks what it had"; return 1; fi
  if [[ $file:$position == "$shipped" ]] && ((SECONDS - shipped_at < 30)); then quiet=1; return; fi
  quiet=''
  for ((waited = 0; $(size "$WORK/raw/$stream/$file") < position; waited++)); do
    if ((waited > 1200)) || ! kill -0 "$reader" 2>/dev/null; then say 'the stream broke off'; return 1; fi
    sleep 0.1
  done
  for raw in "$WORK/raw/$stream"/*; do
    # the reader may be ahead of the answer
    if ((10#${raw##*.} >= 10#${file##*.})); then continue; fi
    close "$raw"
    rm -f "$WORK/open/$stream/${raw##*/}"
  done
  have=$(size "$WORK/open/$stream/$file")
  tail -c +$((have + 1)) "$WORK/raw/$stream/$file" | head -c $((position - have)) >>"$WORK/open/$stream/$file"
  printf '%s\n' "$time" "$stream" "$gtids" "$file $position" >"$WORK/state"
  mv "$WORK/state" "$WORK/open/state"
  streamed=$gtids
  shipped_next=$file:$position
}

tell() {
  local name value all=()
  if [[ -e $WORK/metrics ]]; then while read -r name value; do all+=("$name" "$value"); done <"$WORK/metrics"; fi
  report backup_binlog_last_shipped_timestamp_seconds "$1" backup_binlog_gap "$([[ -e $WORK/open/gap ]] && echo 1 || echo 0)" "${all[@]}"
}

shipped='' shipped_at=0 shipped_next='' told=-60
until_shipped
cut_back
until follow; do sleep 2; done
while :; do
  touch "$WORK/streams"
  begun=$(date +%s)
  if ! lay_out; then
    sleep 1
    follow || true
    continue
  fi
  if [[ -z $quiet ]]; then
    touch "$WORK/go"
    until_shipped
    shipped=$shipped_next shipped_at=$SECONDS
  fi
  touch "$WORK/shipped"
  if ((SECONDS - told >= 15)); then tell "$begun"; told=$SECONDS; fi
  pause=$((begun + SHIP_SECONDS - $(date +%s)))
  sleep $((pause > 0 ? pause : 1))
done
