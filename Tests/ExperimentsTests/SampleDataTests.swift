import Experiments
import Testing

/// Samples that the project makes.
@Suite struct SampleDataTests {
  /// The record of the best possible AUC lies beside the test rows, whatever these are called.
  @Test(arguments: [("test.csv", "test.best.csv"), ("rows", "rows.best.csv")])
  func samplesComeWithTheirBestAUC(test: String, record: String) throws {
    let bench = try Bench()
    let path = "\(bench.path)/\(test)"
    _ = try SampleData.write(
      .ads, train: "\(bench.path)/train.csv", test: path, trainRows: 50, testRows: 50)
    #expect(try bench.text(record).hasPrefix("task,auc,base_rate\nclick,"))
  }
}
