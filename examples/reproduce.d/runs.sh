# Runs, and what they say. Sourced by ../reproduce.

# run NAME SPEC [OPTION…]: trains a spec with each seed; the reports become WORK/NAME.SEED.json.
run() {
  name=$1 spec=examples/$2.json5
  shift 2
  for seed in $SEEDS; do
    report=$WORK/$name.$seed.json
    [ -s "$report" ] && continue
    echo "$name, seed $seed" >&2
    "$MTLC" train "$spec" --seed "$seed" ${THREADS:+--threads "$THREADS"} --quiet --json "$@" \
      > "$report.part"
    mv "$report.part" "$report"
  done
}

# metric NAME TASK KEY [FORMAT]: the mean over the seeds and, after ±, half of the distance between
# the best and the worst; n/a where a seed has no value.
metric() {
  for seed in $SEEDS; do
    [ -s "$WORK/$1.$seed.json" ] && value "$WORK/$1.$seed.json" "$2" "$3"
  done | awk -v format="${4:-%.4f}" '
    $1 == "null" { missing = 1; next }
    { sum += $1; n++; if (n == 1 || $1 < low) low = $1; if (n == 1 || $1 > high) high = $1 }
    END {
      if (n == 0 || missing) print "n/a"
      else printf format " ± " format "\n", sum / n, (high - low) / 2
    }'
}

# value FILE TASK KEY: a number of the evaluation at the end of a report.
value() {
  awk -v task="\"$2\":" -v key="\"$3\":" '
    $1 == task && $2 == "{" { inside = 1 }
    inside && $1 == key { sub(/,$/, "", $2); found = $2 }
    $1 ~ /^}/ { inside = 0 }
    END { if (found != "") print found; else print "null" }' "$1"
}

# gap NAME TASK: how far the AUC stays below the best possible, the mean and the worst of the seeds.
gap() {
  for seed in $SEEDS; do
    echo "$(value "$WORK/$1.$seed.json" "$2" best_auc) $(value "$WORK/$1.$seed.json" "$2" auc)"
  done | awk '
    { g = $1 - $2; sum += g; n++; if (n == 1 || g > worst) worst = g; best += $1 }
    END { printf "%.4f | %.4f (%.4f)", best / n, sum / n, worst }'
}

# losses NAME: the training loss of the first and the last epoch.
losses() {
  awk '$1 == "\"loss\":" { sub(/,$/, "", $2); if (first == "") first = $2; last = $2 }
    END { printf "%.4f → %.4f", first, last }' "$WORK/$1.$(first_seed).json"
}

first_seed() { echo "$SEEDS" | awk '{ print $1 }'; }

# has NAME: whether its runs are there.
has() { [ -s "$WORK/$1.$(first_seed).json" ]; }
