# Turns Census-Income (KDD) into the dense form of PaddleRec: the labels marital (never married) and
# income (50000+), then 499 numbers: 11 columns of numbers, and a column of 0 and 1 for each value of
# 29 others.
#
#   awk -f census-dense.awk -v train=dense.train.csv -v test=dense.test.csv \
#     train.csv test.csv train.csv test.csv
#
# The two files are read twice: first for the values, then to be written. Values that PaddleRec saw in
# the whole data set and these rows lack are columns of 0 at the end.

BEGIN {
  FS = ", *"
  split("1 6 17 18 19 25 31 37 39 40 41", numbers, " ")
  groups = split("2 3 4 5 7 9 10 11 12 13 14 15 16 20 21 22 23 24 26 27 28 29 30 32 33 34 35 36 38",
    ids, " ")
  width = 499
}

FNR == 1 {
  part++
  if (part == 3) sort_values()
}

NF < 42 { next }

part <= 2 {
  for (k = 1; k <= groups; k++) {
    column = ids[k]
    if (!((column, $column) in seen)) {
      seen[column, $column] = 1
      values[column, ++count[column]] = $column
    }
  }
  next
}

{
  line = ($8 == "Never married") "," ($42 ~ /^50000/)
  for (k = 1; k <= 11; k++) line = line "," ($(numbers[k]) + 0)
  for (k = 1; k <= groups; k++) line = line "," row_of[ids[k], $(ids[k])]
  print line padding > (part == 3 ? train : test)
}

# Numbers the values of each column in their order, and prepares the text of each.
function sort_values(k, column, i, j, value, text, used) {
  used = 11
  for (k = 1; k <= groups; k++) {
    column = ids[k]
    for (i = 2; i <= count[column]; i++) {
      value = values[column, i]
      for (j = i - 1; j >= 1 && values[column, j] > value; j--)
        values[column, j + 1] = values[column, j]
      values[column, j + 1] = value
    }
    for (i = 1; i <= count[column]; i++) {
      text = i == 1 ? "1" : "0"
      for (j = 2; j <= count[column]; j++) text = text (i == j ? ",1" : ",0")
      row_of[column, values[column, i]] = text
    }
    used += count[column]
  }
  padding = ""
  for (; used < width; used++) padding = padding ",0"
}
