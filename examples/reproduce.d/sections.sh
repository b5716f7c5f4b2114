# The sections of docs/results.md: the runs of each, and its text. Sourced by ../reproduce.

models='shared-bottom mmoe mmoe-v2 cgc ple'

# The model of a spec, for --set model=….
model() {
  case $1 in
  shared-bottom)
    echo '{ type: "shared_bottom", bottom_hidden_units: [128],
      tower_hidden_units: [32], dropout: 0.3 }'
    ;;
  mmoe)
    echo '{ type: "mmoe", num_experts: 8, expert_hidden_units: [64],
      tower_hidden_units: [32], dropout: 0.3 }'
    ;;
  mmoe-v2)
    echo '{ type: "mmoe_v2", num_layers: 2, num_experts: 4, expert_hidden_units: [64],
      tower_hidden_units: [32], dropout: 0.3 }'
    ;;
  cgc)
    echo '{ type: "cgc", num_task_experts: 3, num_shared_experts: 2,
      expert_hidden_units: [64],
      tower_hidden_units: [32], dropout: 0.3 }'
    ;;
  ple)
    echo '{ type: "ple", num_levels: 2, num_task_experts: 3, num_shared_experts: 2,
      expert_hidden_units: [64],
      tower_hidden_units: [32], dropout: 0.3 }'
    ;;
  esac
}

run_adult() {
  files="--set data.train=$DATA/adult/adult.data --set data.test=$DATA/adult/adult.test"
  for m in $models; do
    run "adult-$m" "adult-$m" $files
    run "adult-buckets-$m" adult-buckets-mmoe $files --set "model=$(model "$m")"
  done
  run adult-best adult-best $files
  run adult-classes-mmoe adult-classes-mmoe $files
}

run_census() {
  folder=$DATA/census-income
  files="--set data.train=$folder/train.csv --set data.test=$folder/test.csv"
  for m in $models; do
    if [ -f "examples/census-$m.json5" ]; then
      run "census-$m" "census-$m" $files
    else
      run "census-$m" census-mmoe $files --set "model=$(model "$m")"
    fi
    run "census-buckets-$m" census-buckets-mmoe $files --set "model=$(model "$m")"
  done
  run census-best census-best $files
  run census-esmm census-esmm $files
}

run_dense() {
  train=$WORK/dense.train.csv
  test=$WORK/dense.test.csv
  folder=$DATA/census-income
  if [ ! -s "$test" ]; then
    awk -f examples/reproduce.d/census-dense.awk -v train="$train" -v test="$test.part" \
      "$folder/train.csv" "$folder/test.csv" "$folder/train.csv" "$folder/test.csv"
    mv "$test.part" "$test"
  fi
  for m in shared-bottom mmoe ple; do
    run "census-dense-$m" "census-dense-$m" --set data.train="$train" --set data.test="$test"
  done
}

run_ali_ccp() {
  rows=$DATA/ali-ccp/slots-sample.txt
  run ali-ccp-esmm ali-ccp-esmm --set data.train="$rows" --set data.test="$rows"
  rows=$DATA/ali-ccp/aitm-sample.csv
  run ali-ccp-aitm ali-ccp-aitm --set data.train="$rows" --set data.test="$rows"
}

run_card() {
  folder=$DATA/card-funnel
  for m in v2 v3 v4 aitm; do
    run "card-funnel-$m" "card-funnel-$m" --set data.train="$folder/train.csv" \
      --set data.validation="$folder/valid.csv" --set data.test="$folder/test.csv"
  done
}

run_funnel() {
  for m in v2 v3 v4 aitm; do run "synthetic-funnel-$m" "synthetic-funnel-$m"; done
}

run_regression() {
  for p in 0.5 0.9 1; do
    folder=$WORK/regression-$p
    [ -s "$folder/test.csv" ] || "$MTLC" sample "$folder" --like mmoe --correlation "$p"
    for m in mmoe shared-bottom; do
      run "regression-$p-$m" "synthetic-regression-$m" \
        --set data.train="$folder/train.csv" --set data.test="$folder/test.csv"
    done
  done
}

write_document() {
  cat examples/reproduce.d/introduction.md
  if has adult-mmoe; then
    cat examples/reproduce.d/adult.md
    two_tasks income never_married \
      "adult-shared-bottom|Shared-Bottom|0.9098|0.9635" "adult-mmoe|MMoE|0.9091|0.9638" \
      "adult-mmoe-v2|layered MMoE|–|–" "adult-cgc|CGC|0.9094|0.9636" \
      "adult-ple|PLE|0.9103|0.9635" \
      "adult-buckets-shared-bottom|Shared-Bottom, buckets|–|–" \
      "adult-buckets-mmoe|MMoE, buckets|–|–" \
      "adult-buckets-mmoe-v2|layered MMoE, buckets|–|–" "adult-buckets-cgc|CGC, buckets|–|–" \
      "adult-buckets-ple|PLE, buckets|–|–" "adult-best|MMoE, \`adult-best\`|–|–"
    echo "| CatBoost, a model per task | 0.9272 | – | 0.9647 | – |"
    echo "| LightGBM, a model per task | 0.9269 | – | 0.9638 | – |"
    printf '\nWith all seven values of marital status as classes (`adult-classes-mmoe`): accuracy'
    printf ' %s, macro AUC %s; income AUC %s.\n' \
      "$(metric adult-classes-mmoe marital accuracy)" \
      "$(metric adult-classes-mmoe marital macro_auc)" \
      "$(metric adult-classes-mmoe income auc)"
  fi
  if has census-mmoe; then
    cat examples/reproduce.d/census.md
    two_tasks income never_married \
      "census-shared-bottom|Shared-Bottom|0.9312|0.9926" "census-mmoe|MMoE|0.9447|0.9932" \
      "census-mmoe-v2|layered MMoE|–|–" "census-cgc|CGC|–|–" "census-ple|PLE|–|0.99" \
      "census-buckets-shared-bottom|Shared-Bottom, buckets|–|–" \
      "census-buckets-mmoe|MMoE, buckets|–|–" \
      "census-buckets-mmoe-v2|layered MMoE, buckets|–|–" \
      "census-buckets-cgc|CGC, buckets|–|–" "census-buckets-ple|PLE, buckets|–|–" \
      "census-best|MMoE, four members, \`census-best\`|–|–"
    echo "| CatBoost, a model per task | 0.9564 | – | 0.9952 | – |"
    echo "| LightGBM, a model per task | 0.9553 | – | 0.9949 | – |"
    printf '\nESMM with marriage as the first step and income as the second (`census-esmm`): married'
    printf ' %s, income %s.\n' "$(metric census-esmm married auc)" \
      "$(metric census-esmm income auc)"
  fi
  if has census-dense-mmoe; then
    cat examples/reproduce.d/dense.md
    two_tasks income marital \
      "census-dense-shared-bottom|Shared-Bottom: 117, tower 8|0.9312|0.9926" \
      "census-dense-mmoe|MMoE: 8 experts of 16, tower 8|0.9447|0.9932" \
      "census-dense-ple|PLE: 3 + 2 experts of 16, tower 8|–|0.99"
  fi
  has ali-ccp-esmm && ali_ccp_text
  has card-funnel-v2 && card_text
  has synthetic-funnel-v2 && funnel_text
  has regression-1-mmoe && regression_text
  cat examples/reproduce.d/measures.md
}

# two_tasks TASK TASK "NAME|TITLE|PUBLISHED|PUBLISHED"…: a table of two tasks' AUC.
two_tasks() {
  first=$1 second=$2
  shift 2
  printf '\n| model | %s | published | %s | published |\n' "$first" "$second" | tr _ ' '
  echo '| --- | --- | --- | --- | --- |'
  for row in "$@"; do
    IFS='|' read -r name title one two <<ROW
$row
ROW
    has "$name" || continue
    echo "| $title | $(metric "$name" "$first" auc) | $one | $(metric "$name" "$second" auc) | $two |"
  done
}

ali_ccp_text() {
  cat examples/reproduce.d/ali-ccp.md
  printf '\n| spec | rows | columns of ids | training loss, first → last epoch |\n'
  echo '| --- | --- | --- | --- |'
  echo "| \`ali-ccp-esmm\` | 10 | 23 slots of up to 3 ids | $(losses ali-ccp-esmm) |"
  echo "| \`ali-ccp-aitm\` | 48 | 18 | $(losses ali-ccp-aitm) |"
}

steps='click apply credit activate'
conditional='apply_given_click credit_given_apply activate_given_credit'

card_text() {
  cat examples/reproduce.d/card.md
  printf '\n| output | base rate | v2 | v3 | v4 | AITM |\n| --- | --- | --- | --- | --- | --- |\n'
  for step in $steps $conditional; do
    printf '| %s | %s |' "$step" \
      "$(value "$WORK/card-funnel-v2.$(first_seed).json" "$step" base_rate | awk '{
        if ($1 == "null") print "n/a"; else printf "%.3f", $1 }')"
    for m in v2 v3 v4 aitm; do
      printf ' %s |' "$(metric "card-funnel-$m" "$step" auc %.3f)"
    done
    echo
  done
}

funnel_text() {
  cat examples/reproduce.d/funnel.md
  printf '\n| output | best possible |'
  for m in v2 v3 v4 AITM; do printf ' %s: below it |' "$m"; done
  printf '\n| --- | --- | --- | --- | --- | --- |\n'
  for step in $steps $conditional; do
    printf '| %s |' "$step"
    gap synthetic-funnel-v2 "$step" | sed 's/^\([0-9.]*\) | \(.*\)$/ \1 | \2 |/'
    for m in v3 v4 aitm; do
      printf ' %s |' "$(gap "synthetic-funnel-$m" "$step" | sed 's/^.* | //')"
    done
    echo
  done
}

# The plot of that section.
regression_plot() {
  for p in 0.5 0.9 1; do
    for m in mmoe shared-bottom; do
      for seed in $SEEDS; do
        for y in y1 y2; do
          echo "$m $p $(value "$WORK/regression-$p-$m.$seed.json" "$y" rmse)"
        done
      done
    done
  done | awk -f examples/reproduce.d/regression-plot.awk
}

regression_text() {
  cat examples/reproduce.d/regression.md
  printf '\n| correlation p | MMoE, RMSE of y1 | y2 | Shared-Bottom, y1 | y2 |\n'
  echo '| --- | --- | --- | --- | --- |'
  for p in 0.5 0.9 1; do
    printf '| %s |' "$p"
    for m in mmoe shared-bottom; do
      for y in y1 y2; do printf ' %s |' "$(metric "regression-$p-$m" "$y" rmse)"; done
    done
    echo
  done
}
