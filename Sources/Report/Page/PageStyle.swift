/// The style of a report: for light and dark screens, for phones, and for paper.
enum PageStyle {
  static let css = """
    :root {
      color-scheme: light dark;
      --page: #ffffff; --card: #f6f8fa; --text: #1d2733; --soft: #55606e; --line: #d5dbe1;
      --warn: #fff4e0; --warn-line: #b9772b;
      --c0: #2f6fb3; --c1: #c2571a; --c2: #2e8b57; --c3: #8a4fb0;
      --c4: #b0304a; --c5: #5b7083; --c6: #8a7a1e; --c7: #1f8a8a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #0d1117; --card: #161b22; --text: #e6edf3; --soft: #9aa6b3; --line: #30363d;
        --warn: #2b2113; --warn-line: #e0a75a;
        --c0: #6ea8e0; --c1: #f0894d; --c2: #5fae7a; --c3: #c08fe8;
        --c4: #f07c92; --c5: #9fb2c4; --c6: #d8c65a; --c7: #5cc8c8;
      }
    }
    * { box-sizing: border-box }
    body {
      margin: 0 auto; padding: 20px; max-width: 1120px; background: var(--page); color: var(--text);
      font: 15px/1.5 system-ui, 'DejaVu Sans', sans-serif; overflow-wrap: anywhere;
    }
    h1 { font-size: 26px; margin: 8px 0 }
    h2 { font-size: 20px; margin: 36px 0 8px; border-bottom: 1px solid var(--line) }
    h3 { font-size: 16px; margin: 20px 0 6px }
    p { margin: 6px 0; max-width: 76ch }
    .soft, figcaption { color: var(--soft) }
    .verdict { font-size: 17px }
    .findings { list-style: none; padding: 0 }
    .findings li {
      background: var(--warn); border-left: 4px solid var(--warn-line); padding: 6px 10px; margin: 6px 0;
    }
    .row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start }
    .card { background: var(--card); border: 1px solid var(--line); padding: 10px 14px; flex: 1 1 300px }
    .card h3 { margin-top: 0 }
    .card dl { display: grid; grid-template-columns: auto auto; gap: 2px 12px; margin: 0 }
    .card dt { color: var(--soft) }
    .card dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums }
    figure { margin: 0; width: 340px; max-width: 100% }
    figure.wide { width: auto }
    figcaption { font-size: 14px; margin: 4px 0 }
    svg { display: block; max-width: 100%; height: auto }
    table { border-collapse: collapse; font-size: 13px; width: 100%; font-variant-numeric: tabular-nums }
    th, td { text-align: right; padding: 3px 6px; border-bottom: 1px solid var(--line) }
    th:first-child, td:first-child { text-align: left }
    pre {
      background: var(--card); border: 1px solid var(--line); padding: 10px; font-size: 12px;
      white-space: pre-wrap;
    }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 0; margin: 4px 0;
      font-size: 12px; color: var(--soft) }
    .legend i { display: inline-block; width: 14px; height: 4px; margin-right: 5px; vertical-align: 3px }
    .chart text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: var(--soft) }
    .chart .tick { font-size: 11px }
    .grid { stroke: var(--line); stroke-width: 1 }
    .axis { stroke: var(--soft); stroke-width: 1 }
    .guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4 }
    .line { fill: none; stroke-width: 1.8; stroke-linejoin: round }
    .whisker { stroke: var(--text); stroke-width: 1.5 }
    .cell { fill: var(--c0) }
    .area { fill-opacity: 0.5 }
    \(colours)
    @media (max-width: 480px) { body { padding: 16px } .narrow { display: none } }
    @media print { body { max-width: none } figure, .card, tr { break-inside: avoid } }
    """

  private static let colours = (0..<Charts.colours).map { k in
    ".line.s\(k) { stroke: var(--c\(k)) } .fill.s\(k), .area.s\(k) { fill: var(--c\(k)) }"
      + " i.s\(k) { background: var(--c\(k)) }"
  }.joined(separator: "\n")
}
