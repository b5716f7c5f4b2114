import Report
import Schema
import TestSupport
import Testing

/// The page of a search for hyperparameters.
@Suite struct SearchReportTests {
  private static let tasks: [SearchReport.Task] = [
    .init(name: "click", metric: .auc), .init(name: "price", metric: .rootMeanSquaredError),
  ]

  private func training(
    _ trial: Int, _ values: [Double?], rate: String = "0.01", kind: String = "\"mmoe\"",
    score: Double = 1, front: Bool = false
  ) -> SearchReport.Training {
    .init(
      trial: trial, epochs: 2, settings: [("rate", rate), ("model.type", kind)], values: values,
      score: score, isOnFront: front)
  }

  private func page(
    _ trainings: [SearchReport.Training], best: Int = 0, tasks: [SearchReport.Task] = Self.tasks
  ) -> String {
    SearchReport(
      name: "a<b", tasks: tasks, trainings: trainings, best: best, measure: "mean rank",
      measured: "validation rows",
      specText: "{ name: \"x\" }"
    ).html(version: "9")
  }

  @Test func theFrontIsShownWithItsSettings() throws {
    let html = page(
      [
        training(1, [0.8, 3], rate: "0.0001", score: 1, front: true),
        training(2, [0.7, 2.5], rate: "0.001", kind: "\"ple\"", score: 2, front: true),
        training(3, [0.6, 9], rate: "0.1", score: 3),
        training(4, [nil, nil], rate: "1", score: .infinity),
        training(5, [0.65, 4], rate: "0.02", score: 2.5),
      ])
    let body = try #require(html.range(of: "<body"))
    let difference = try GoldenText.difference(
      String(html[body.lowerBound...]), from: "Golden/text/search-page.html")
    #expect(difference == nil)
    #expect(html.contains("<h1>a&lt;b: search</h1>"))
    #expect(
      html.contains(
        "5 trainings of 5 trials, measured on validation rows; 1 failed. The best by mean rank: trial 1"
          + " with 2 epochs, click AUC 0.8000, price RMSE 3.0000."))
    #expect(html.contains("<h3>trial 1, 2 epochs, the best</h3>"))
    #expect(html.contains("<dt>model.type</dt><dd>&quot;ple&quot;</dd>"))
    // One dot each of the front, the best and the other near one; the poorest is beyond the picture.
    let front = html.components(separatedBy: "<figure>")[1]
    #expect(front.components(separatedBy: "<circle").count == 4)
    #expect(front.contains("trial 2, 2 epochs: 0.7, 2.5000"))
    // Rates over four powers of ten are marked by factors.
    let rates = html.components(separatedBy: "<figcaption>rate</figcaption>")
    #expect(rates.count == 3)
    for mark in [">0.0001<", ">0.001<", ">0.1<"] { #expect(rates[1].contains(mark), "\(mark)") }
    // What a choice came to at best: greater is better for one task, less for the other.
    #expect(
      html.contains("<tr><td>&quot;mmoe&quot;</td><td>3</td><td>0.8000</td><td>3.0000</td></tr>"))
    // The best so far never gets worse.
    #expect(html.contains("the best so far: price; price RMSE ends at 2.50"))
  }

  @Test func oneTaskAndOneTrialHaveAPageToo() {
    let html = page([training(1, [0.8], front: true)], tasks: [Self.tasks[0]])
    #expect(html.contains("No other training is better.") && !html.contains("Pareto"))
    #expect(html.contains("the best so far: click"))
  }

  @Test func axesByFactorsPlaceEqualFactorsEquallyFarApart() {
    let axis = Axis.logarithmic(0.0012...0.9)
    #expect(axis.low == 0.001 && axis.high == 1)
    #expect(abs(axis.place(0.01) - 1.0 / 3) < 1e-12 && axis.place(2) == 1)
    #expect(axis.ticks.map(axis.text) == ["0.001", "0.01", "0.1", "1"])
    #expect(Axis.logarithmic(3...60).ticks == [2, 5, 10, 20, 50, 100])
    #expect(
      [0.002, 32, 1234, 1.5e-7, 0.125].map(NumberText.plain) == [
        "0.002", "32", "1234", "1.5e-7", "0.125",
      ])
  }
}
