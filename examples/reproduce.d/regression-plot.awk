# Draws the RMSE over the correlation of the tasks as an SVG, from lines "model correlation value",
# one for each task and seed: a dot at their mean, a bar from the lowest to the highest.
function x(p) { return 94 + 572 * (p - 0.5) }
function y(v) { return 278 - 2500 / 3 * v }
function label(name, colour, place) {
  printf "<text x=\"414\" y=\"%.1f\" fill=\"%s\">%s</text>\n", place, colour, name
}

$3 != "null" {
  key = $1 " " $2
  sum[key] += $3
  if (!(key in count) || $3 < low[key]) low[key] = $3
  if (!(key in count) || $3 > high[key]) high[key] = $3
  count[key]++
}

END {
  split("0.5 0.9 1", correlations, " ")
  split("mmoe shared-bottom", models, " ")
  colour["mmoe"] = "#1f6fb4"
  colour["shared-bottom"] = "#c8541c"
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 560 330\" role=\"img\"" \
    " aria-label=\"RMSE over the correlation of the tasks\" font-family=\"sans-serif\"" \
    " font-size=\"13\">"
  print "<rect width=\"560\" height=\"330\" fill=\"#ffffff\"/>"
  for (tick = 0; tick <= 6; tick++) {
    at = y(tick / 20)
    printf "<line x1=\"64\" x2=\"410\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n", at, at
    printf "<text x=\"56\" y=\"%.1f\" text-anchor=\"end\" fill=\"#444444\">%.2f</text>\n", \
      at + 4, tick / 20
  }
  for (i = 1; i <= 3; i++) {
    printf "<text x=\"%.1f\" y=\"298\" text-anchor=\"middle\" fill=\"#444444\">%s</text>\n", \
      x(correlations[i]), correlations[i]
  }
  print "<text x=\"237.0\" y=\"320\" text-anchor=\"middle\" fill=\"#222222\">correlation p of the" \
    " tasks</text>"
  print "<text x=\"20\" y=\"18\" fill=\"#222222\">RMSE on the test rows</text>"
  for (m = 1; m <= 2; m++) {
    model = models[m]
    points = ""
    marks = ""
    for (i = 1; i <= 3; i++) {
      key = model " " correlations[i]
      if (!(key in count)) continue
      at = x(correlations[i])
      mean = y(sum[key] / count[key])
      last[model] = mean
      points = points sprintf("%s%.1f,%.1f", points == "" ? "" : " ", at, mean)
      marks = marks sprintf("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"" \
        " stroke-width=\"1.5\"/>\n<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", \
        at, at, y(low[key]), y(high[key]), colour[model], at, mean, colour[model])
    }
    printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n%s", \
      points, colour[model], marks
  }
  # The names beside the last dots, a line of text apart.
  upper = last["mmoe"] < last["shared-bottom"] ? "mmoe" : "shared-bottom"
  lower = upper == "mmoe" ? "shared-bottom" : "mmoe"
  name["mmoe"] = "MMoE"
  name["shared-bottom"] = "Shared-Bottom"
  at = last[upper] + 4
  label(name[upper], colour[upper], at)
  label(name[lower], colour[lower], last[lower] + 4 < at + 16 ? at + 16 : last[lower] + 4)
  print "</svg>"
}
