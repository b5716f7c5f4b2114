# Draws the RMSE over the correlation of the tasks as an SVG, from lines "model correlation value",
# one for each task and seed: a dot at their mean, a bar from the lowest to the highest. The models
# stand a little to the left and to the right of the correlation, so that no bar hides another.
function x(p, model) { return 112 + 640 * (p - 0.5) + (model == "mmoe" ? -4 : 4) }
function y(v) { return 290 - 250 * v / (ticks / 20) }
function label(model, place) {
  printf "<text class=\"%s-name\" x=\"456\" y=\"%.1f\">%s</text>\n", class[model], place, name[model]
}

$3 != "null" {
  key = $1 " " $2
  sum[key] += $3
  if (!(key in count) || $3 < low[key]) low[key] = $3
  if (!(key in count) || $3 > high[key]) high[key] = $3
  count[key]++
}

END {
  # The axis ends at the first multiple of 0.05 that no bar goes beyond.
  ticks = 1
  for (key in high) while (high[key] > ticks / 20) ticks++
  split("0.5 0.9 1", correlations, " ")
  split("mmoe shared-bottom", models, " ")
  name["mmoe"] = "MMoE"
  name["shared-bottom"] = "Shared-Bottom"
  class["mmoe"] = "a"
  class["shared-bottom"] = "b"
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"580\" height=\"345\" viewBox=\"0 0 580 345\"" \
    " role=\"img\" aria-label=\"RMSE over the correlation of the tasks\">"
  print "<style>"
  print "text { font-family: system-ui, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #1d2733 }"
  print ".page { fill: #ffffff } .grid { stroke: #dde2e8 } .tick { fill: #55606e }"
  print ".a { stroke: #1f6fb4 } .a-dot, .a-name { fill: #1f6fb4 }"
  print ".b { stroke: #c8541c } .b-dot, .b-name { fill: #c8541c }"
  print "@media (prefers-color-scheme: dark) {"
  print "  text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #2b333d }"
  print "  .tick { fill: #9aa6b3 } .a { stroke: #6ea8e0 } .a-dot, .a-name { fill: #6ea8e0 }"
  print "  .b { stroke: #f08a55 } .b-dot, .b-name { fill: #f08a55 }"
  print "}"
  print "</style>"
  print "<rect class=\"page\" width=\"580\" height=\"345\"/>"
  for (tick = 0; tick <= ticks; tick++) {
    at = y(tick / 20)
    printf "<line class=\"grid\" x1=\"72\" x2=\"448\" y1=\"%.1f\" y2=\"%.1f\"/>\n", at, at
    printf "<text class=\"tick\" x=\"64\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>\n", \
      at + 4, tick / 20
  }
  for (i = 1; i <= 3; i++) {
    printf "<text class=\"tick\" x=\"%.1f\" y=\"311\" text-anchor=\"middle\">%s</text>\n", \
      x(correlations[i], "mmoe") + 4, correlations[i]
  }
  print "<text x=\"260\" y=\"334\" text-anchor=\"middle\">correlation p of the tasks</text>"
  print "<text x=\"20\" y=\"20\">RMSE on the test rows: mean, lowest and highest</text>"
  for (m = 1; m <= 2; m++) {
    model = models[m]
    points = ""
    marks = ""
    for (i = 1; i <= 3; i++) {
      key = model " " correlations[i]
      if (!(key in count)) continue
      at = x(correlations[i], model)
      mean = y(sum[key] / count[key])
      last[model] = mean
      points = points sprintf("%s%.1f,%.1f", points == "" ? "" : " ", at, mean)
      marks = marks sprintf("<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"" \
        " stroke-width=\"1.5\"/>\n<circle class=\"%s-dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", \
        class[model], at, at, y(low[key]), y(high[key]), class[model], at, mean)
    }
    printf "<polyline class=\"%s\" points=\"%s\" fill=\"none\" stroke-width=\"2\"/>\n%s", \
      class[model], points, marks
  }
  # The names beside the last dots, a line of text apart.
  upper = last["mmoe"] < last["shared-bottom"] ? "mmoe" : "shared-bottom"
  lower = upper == "mmoe" ? "shared-bottom" : "mmoe"
  at = last[upper] + 4
  label(upper, at)
  label(lower, last[lower] + 4 < at + 16 ? at + 16 : last[lower] + 4)
  print "</svg>"
}
