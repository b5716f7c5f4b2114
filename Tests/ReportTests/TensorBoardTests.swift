import Report
import Schema
import TestSupport
import Testing

/// Event files of TensorBoard.
@Suite struct TensorBoardTests {
  private func epoch(_ number: Int, validation: EvaluationReport? = nil) -> EpochReport {
    EpochReport(
      epoch: number, step: 40 * number, rows: 100, seconds: 1, loss: 0.75, taskLosses: [0.5, nil],
      taskWeights: [1, nil], learningRate: 0.125, validation: validation)
  }

  @Test func theCheckIsCRC32C() {
    // RFC 3720, appendix B.4, and the usual text of nine digits.
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.of((0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CRC32C.of(Array("123456789".utf8)) == 0xE306_9283)
    #expect(EventFileReader.crc(Array("123456789".utf8)[...]) == 0xE306_9283)
  }

  @Test func epochsAreRead() throws {
    var records = TensorBoardRecords(tasks: ["click", "buy"], isOfEpisodes: false)
    let validation = EvaluationReport(
      rows: 9, seconds: 1,
      tasks: [
        TaskMetrics(
          task: "click", kind: .binary, rows: 9,
          entries: [
            .init(metric: .auc, value: .value(0.625)),
            .init(metric: .logLoss, value: .undefined(reason: "none")),
          ])
      ])
    let bytes =
      records.head(spec: "{\"name\":\"ü\"}", time: 1.5)
      + records.epoch(epoch(3, validation: validation), time: 2.5)
      + records.epoch(epoch(4), time: 3.5)
    let events = try EventFileReader.events(bytes)
    #expect(events.map(\.step) == [0, 0, 3, 3, 4])
    #expect(events.map(\.time) == [1.5, 1.5, 2.5, 2.5, 3.5])
    #expect(events[0].version == "brain.Event:2")
    #expect(events[1].texts == ["spec": "```json\n{\"name\":\"ü\"}\n```"])
    // The run goes on with epoch 3: what an earlier one wrote of it is forgotten.
    #expect(events.map(\.isStart) == [false, false, true, false, false])
    #expect(
      events[3].scalars == [
        "loss": 0.75, "loss/click": 0.5, "task_weight/click": 1, "learning_rate": 0.125,
        "validation/auc/click": 0.625,
      ])
    #expect(events[4].scalars["validation/auc/click"] == nil)
  }

  @Test func stepsOfEpisodesAreMetaSteps() throws {
    var records = TensorBoardRecords(tasks: [], isOfEpisodes: true)
    #expect(try EventFileReader.events(records.epoch(epoch(1), time: 0)).last?.step == 40)
    let mean = EpisodeMetrics.Mean(value: 0.25, margin: 0.5)
    let report = EvaluationReport(
      rows: 0, seconds: 0, tasks: [],
      episodes: EpisodeMetrics(
        episodes: 2, loss: mean, lossBefore: nil, accuracy: mean, before: []))
    let events = try EventFileReader.events(
      records.evaluation(report, on: .test, step: 7, time: 0))
    #expect(events.count == 1 && events[0].step == 7)
    #expect(events[0].scalars == ["test/query_loss": 0.25, "test/accuracy": 0.25])
  }

  @Test func momentsAreRead() throws {
    var records = TensorBoardRecords(tasks: ["click", "buy"], isOfEpisodes: false)
    var moment = TrainingMoment(
      epoch: 2,
      cosines: TaskCosines(epoch: 2, pairs: [.init(first: "click", second: "buy", cosine: -0.5)]))
    // Two in the middle of each range, one at each end, two in the eighth range.
    let values: [Float] = (0..<60).map { (Float($0) + 0.5) / 60 } + [0, 1, 0.26, 0.26]
    moment.gates = [.init("gates.click/experts.0", try #require(ValueHistogram(values)))]
    moment.gradients = [.init("click/experts", try #require(ValueHistogram([3, 3])))]
    let event = try #require(EventFileReader.events(records.moment(moment, time: 0)).last)
    #expect(event.step == 2 && event.scalars == ["cosine/click and buy": -0.5])
    #expect(
      Set(event.histograms.keys) == ["gates/gates.click/experts.0", "gradients/click/experts"])
    let gate = try #require(event.histograms["gates/gates.click/experts.0"])
    #expect(gate.head[0] == 0 && gate.head[1] == 1 && gate.head[2] == 64)
    #expect(abs(gate.head[3] - 31.52) < 1e-5)
    #expect(gate.limits.count == 30 && gate.limits.last == 1 && gate.limits == gate.limits.sorted())
    #expect(
      gate.counts == [3] + Array(repeating: 2, count: 6) + [4] + Array(repeating: 2, count: 21) + [
        3
      ])
    #expect(
      event.histograms["gradients/click/experts"]
        == .init(head: [3, 3, 2, 6, 18], limits: [3], counts: [2]))
  }

  @Test func histogramsNeedNumbers() {
    #expect(ValueHistogram([]) == nil)
    #expect(ValueHistogram([1, .nan]) == nil && ValueHistogram([.infinity]) == nil)
    // The widest and the narrowest range of floats.
    let wide = ValueHistogram([-.greatestFiniteMagnitude, .greatestFiniteMagnitude])
    #expect(wide?.counts.first == 1 && wide?.counts.last == 1)
    #expect(ValueHistogram([1, Float(1).nextUp])?.counts.reduce(0, +) == 2)
  }

  @Test func numbersThatAreNoneAreLeftOut() throws {
    var records = TensorBoardRecords(tasks: ["click"], isOfEpisodes: false)
    var report = epoch(1)
    report.loss = .nan
    report.learningRate = 1e300
    #expect(records.epoch(report, time: 0).isEmpty)
    report.loss = 1
    #expect(
      try EventFileReader.events(records.epoch(report, time: 0)).last?.scalars == ["loss": 1])
  }

  @Test func damageIsSeen() throws {
    let bytes = TensorBoardEvent(time: 1, step: 2, .fileVersion).record
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 4
      #expect(throws: EventFileReader.Damage.self) { try EventFileReader.events(damaged) }
    }
  }
}
