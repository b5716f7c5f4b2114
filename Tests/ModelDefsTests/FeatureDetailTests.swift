import ModelDefs
import Schema
import Testing

/// What features of every kind decode to, whole, and what they refuse with nothing else.
@Suite struct FeatureDetailTests {
  private func spec(_ features: String) throws -> Spec {
    var fixture = SpecFixture()
    fixture.features = "[\(features)]"
    return try fixture.spec()
  }

  private func findings(_ features: String) -> [String] {
    var fixture = SpecFixture()
    fixture.features = "[\(features)]"
    return fixture.findings()
  }

  @Test func encodedNumbers() throws {
    let found = try spec(
      """
      { name: 'a', column: 'ca', type: 'numeric', encoding: 'piecewise_linear', num_bins: 5,
        point_masses: true, raw: true, normalizer: 'log', embedding_dim: 3, missing: '?' },
      { name: 'b', type: 'numeric', encoding: 'periodic', num_frequencies: 7,
        frequency_scale: 0.5, normalizer: 'minmax', decimal: ',', thousands: '.' },
      { name: 'c', type: 'numeric', encoding: 'piecewise_linear' },
      { name: 'd', type: 'numeric', boundaries: [1, 2.5], embedding_dim: 6 },
      { name: 'e', type: 'numeric', num_buckets: 9, encoding: 'one_hot' },
      { name: 'f', type: 'numeric', encoding: 'periodic', embedding_dim: 4, raw: true }
      """)
    let marks = CellReading(numbers: NumberMarks(decimal: UInt8(ascii: ","), thousands: "."))
    let query = CellReading(missing: ["?"])
    #expect(
      found.dataDeclaration.features == [
        FeatureDeclaration(
          name: "a", column: "ca", kind: .piecewise(bins: 5, pointMasses: true), cells: query),
        FeatureDeclaration(name: "a.raw", column: "ca", kind: .numeric(.log), cells: query),
        FeatureDeclaration(name: "b", column: "b", kind: .numeric(.minmax), cells: marks),
        FeatureDeclaration(
          name: "c", column: "c", kind: .piecewise(bins: 48, pointMasses: false)),
        FeatureDeclaration(name: "d", column: "d", kind: .bucketized(.boundaries([1, 2.5]))),
        FeatureDeclaration(name: "e", column: "e", kind: .bucketized(.quantiles(count: 9))),
        FeatureDeclaration(name: "f", column: "f", kind: .numeric(.zscore)),
        FeatureDeclaration(name: "f.raw", column: "f", kind: .numeric(.zscore)),
      ])
    #expect(
      found.features.map(\.input) == [
        .piecewiseLinear(dim: 3), .numeric, .periodic(frequencies: 7, scale: 0.5, dim: nil),
        .piecewiseLinear(dim: nil), .embedding(dim: 6, table: "d"), .oneHot,
        .periodic(frequencies: 16, scale: 0.1, dim: 4), .numeric,
      ])
  }

  @Test func timesCrossesAndVectors() throws {
    let found = try spec(
      """
      { name: 't', column: 'at', type: 'datetime', parts: ['month', 'year', 'weekend', 'days'],
        time_format: 'milliseconds', utc_offset: 5.5, normalizer: 'minmax', embedding_dim: 3 },
      { name: 'u', type: 'datetime', encoding: 'one_hot', time_format: '%d.%m.%Y' },
      { name: 'x', type: 'cross', of: ['p', 'q'], hash_bucket_size: 11, embedding_dim: 5 },
      { name: 'v', type: 'vector', dim: 12, separator: ' ', brackets: true }
      """)
    func time(
      _ name: String, _ column: String, _ kind: FeatureDeclaration.Kind, _ part: TimePart,
      _ format: TimeFormat, _ offset: Int
    ) -> FeatureDeclaration {
      FeatureDeclaration(
        name: name, column: column, kind: kind,
        cells: CellReading(time: TimeReading(part: part, format: format, utcOffset: offset)))
    }
    func buckets(_ values: ClosedRange<Int>) -> FeatureDeclaration.Kind {
      .bucketized(.boundaries(values.map(Double.init)))
    }
    let pattern = TimeFormat.pattern("%d.%m.%Y")
    #expect(
      found.dataDeclaration.features == [
        time("t.month", "at", buckets(2...12), .month, .milliseconds, 330),
        time("t.year", "at", .numeric(.minmax), .year, .milliseconds, 330),
        time("t.weekend", "at", buckets(1...1), .weekend, .milliseconds, 330),
        time("t.days", "at", .numeric(.minmax), .days, .milliseconds, 330),
        time("u.weekday", "u", buckets(2...7), .weekday, pattern, 0),
        time("u.hour", "u", buckets(1...23), .hour, pattern, 0),
        FeatureDeclaration(name: "x", column: "p", kind: .cross(["p", "q"], buckets: 11)),
        FeatureDeclaration(
          name: "v", column: "v",
          kind: .vector(VectorLayout(separator: UInt8(ascii: " "), dim: 12, brackets: true))),
      ])
    #expect(
      found.features.map(\.input) == [
        .embedding(dim: 3, table: "t.month"), .numeric, .embedding(dim: 3, table: "t.weekend"),
        .numeric, .oneHot, .oneHot, .embedding(dim: 5, table: "x"), .numeric,
      ])
  }

  @Test func sequences() throws {
    let found = try spec(
      """
      { name: 'a', type: 'sequence', brackets: true, weighted: true, keep: 'first' },
      { name: 'b', type: 'sequence', weights_column: 'w', max_length: 7, pooling: 'max' },
      { name: 'c', type: 'sequence', separator: ';', brackets: true, num_ids: 9,
        pooling: 'attention', attention_target: 'd', embedding_dim: 3 },
      { name: 'd', type: 'id', embedding_name: 'e', vocab_list: ['x', 'y'] }
      """)
    let learned = IdSource.trainingData(minFrequency: 1)
    #expect(
      found.dataDeclaration.features == [
        FeatureDeclaration(
          name: "a", column: "a",
          kind: .sequence(
            learned,
            SequenceLayout(
              separator: UInt8(ascii: ","), maxLength: 50, keep: .first, weighted: true,
              brackets: true)), vocabulary: "a"),
        FeatureDeclaration(
          name: "b", column: "b",
          kind: .sequence(
            learned,
            SequenceLayout(
              separator: UInt8(ascii: "|"), maxLength: 7, weighted: true, weightsColumn: "w")),
          vocabulary: "b"),
        FeatureDeclaration(
          name: "c", column: "c",
          kind: .sequence(
            .identity(count: 9),
            SequenceLayout(separator: UInt8(ascii: ";"), maxLength: 50, brackets: true)),
          vocabulary: "c"),
        FeatureDeclaration(
          name: "d", column: "d", kind: .id(.list(["x", "y"])), vocabulary: "e"),
      ])
    #expect(
      found.features.map(\.input) == [
        .sequence(dim: 8, table: "a", pooling: .mean), .sequence(dim: 8, table: "b", pooling: .max),
        .sequence(dim: 3, table: "c", pooling: .attention), .embedding(dim: 8, table: "e"),
      ])
    #expect(found.features.map(\.attentionTarget) == [nil, nil, "d", nil])
    #expect(found.features.map(\.input.dim) == [8, 8, 3, 8])
    #expect(
      found.features.map(\.input.tableParameter)
        == ["embedding.a", "embedding.b", "embedding.c", "embedding.e"])
  }

  @Test func pretrainedTables() throws {
    let found = try spec(
      """
      { name: 'a', type: 'id', embedding_name: 'e' },
      { name: 'b', type: 'sequence', embedding_name: 'e',
        pretrained: { file: 'v.npy', keys: '/k.txt', trainable: false } },
      { name: 'c', type: 'id', pretrained: { file: '/w.st', tensor: 'x' } },
      { name: 'd', type: 'id' }
      """)
    let shared = PretrainedVectors(path: "dir/v.npy", keys: "/k.txt", isTrainable: false)
    #expect(
      found.features.map(\.pretrained)
        == [shared, shared, PretrainedVectors(path: "/w.st", tensor: "x"), nil])
    let key = "pretrained: { file: 'f' }"
    #expect(
      findings("{ name: 'a', type: 'id', encoding: 'one_hot', \(key) }")
        == ["features[0].pretrained: does not go with the encoding \"one_hot\""])
    #expect(
      findings("{ name: 'a', type: 'id', pretrained: { file: '-' } }")
        == ["features[0].pretrained.file: must be a file, not standard input"])
    #expect(
      findings("{ name: 'a', type: 'id', pretrained: { file: 'f', keys: '-' } }")
        == ["features[0].pretrained.keys: must be a file, not standard input"])
    #expect(
      findings(
        "{ name: 'a', type: 'id', embedding_name: 'e', \(key) },"
          + " { name: 'b', type: 'id', embedding_name: 'e', pretrained: { file: 'g' } }") == [
          "features[1].pretrained: the features of the shared table begin with different files"
        ])
    #expect(
      findings(
        "{ name: 'a', type: 'id', embedding_name: 'e', \(key) },"
          + " { name: 'b', type: 'id', embedding_name: 'e', \(key) }") == [])
  }

  @Test func whatDoesNotGoTogether() {
    let rows: [(String, [String])] = [
      (
        "{ name: 'a', type: 'numeric', raw: true }",
        [
          "raw: goes only with \"boundaries\", \"num_buckets\" or an encoding"
            + " \"piecewise_linear\" or \"periodic\""
        ]
      ),
      (
        "{ name: 'a', type: 'numeric', encoding: 'one_hot' }",
        [
          "encoding: goes only with \"boundaries\", \"num_buckets\" or an encoding"
            + " \"piecewise_linear\" or \"periodic\""
        ]
      ),
      ("{ name: 'a', type: 'numeric', num_buckets: 4, raw: true, normalizer: 'log' }", []),
      (
        "{ name: 'a', type: 'numeric', encoding: 'piecewise_linear', raw: true,"
          + " normalizer: 'log' }",
        []
      ),
      ("{ name: 'a', type: 'numeric', encoding: 'periodic', normalizer: 'log' }", []),
      (
        "{ name: 'a', type: 'numeric', num_buckets: 4, encoding: 'one_hot', embedding_dim: 3 }",
        ["embedding_dim: does not go with the encoding \"one_hot\""]
      ),
      (
        "{ name: 'a', type: 'id', encoding: 'one_hot', embedding_name: 'e' }",
        ["embedding_name: does not go with the encoding \"one_hot\""]
      ),
      (
        "{ name: 'a', type: 'datetime', parts: [] }",
        ["parts: names no part"]
      ),
      (
        "{ name: 'a', type: 'datetime', parts: ['hour', 'day', 'hour'] }",
        ["parts: names \"hour\" twice", "name: another feature is named \"a.hour\""]
      ),
      (
        "{ name: 'a', type: 'datetime', parts: ['hour'], normalizer: 'log' }",
        ["normalizer: goes only with the parts \"year\" and \"days\""]
      ),
      ("{ name: 'a', type: 'datetime', parts: ['hour', 'days'], normalizer: 'log' }", []),
      (
        "{ name: 'a', type: 'datetime', parts: ['hor'] }",
        ["parts[0]: unknown part \"hor\"; did you mean \"hour\"?"]
      ),
      (
        "{ name: 'a', type: 'datetime', parts: ['hour'], time_format: 'ISO' }",
        [
          "time_format: must be \"iso\", \"seconds\", \"milliseconds\" or a pattern of %Y %y %m %d"
            + " %H %I %M %S %f %b %p %z, found \"ISO\""
        ]
      ),
      ("{ name: 'a', type: 'datetime', time_format: 'seconds' }", []),
      (
        "{ name: 'a', type: 'cross', of: ['p'], hash_bucket_size: 9 }",
        ["of: must name two columns or more"]
      ),
      ("{ name: 'a', type: 'cross', of: ['p', 'q'], hash_bucket_size: 9 }", []),
      (
        "{ name: 'a', column: 'c', type: 'cross', of: ['p', 'q'], hash_bucket_size: 9 }",
        ["column: does not go with the type \"cross\""]
      ),
      (
        "{ name: 'a', type: 'vector', dim: 3, separator: 'ab' }",
        ["separator: must be one ASCII character, found \"ab\""]
      ),
      (
        "{ columns: ['a', 'b'], type: 'sequence', weights_column: 'w' }",
        ["weights_column: goes only with one column"]
      ),
      (
        "{ name: 'a', type: 'sequence', weights_column: 'w', weighted: true }",
        ["weights_column: does not go with \"weighted\", which reads id:weight"]
      ),
      ("{ name: 'a', type: 'sequence', weights_column: 'w', weighted: false }", []),
      (
        "{ name: 'a', type: 'id', vocab_list: ['x'], vocab_file: 'f', min_frequency: 2 }",
        [
          "vocab_file: does not go with \"vocab_list\"",
          "min_frequency: does not go with \"vocab_list\"",
        ]
      ),
    ]
    for (feature, expected) in rows {
      #expect(findings(feature) == expected.map { "features[0].\($0)" }, "\(feature)")
    }
    #expect(
      findings("{ type: 'cross', of: ['p', 'q'], hash_bucket_size: 9 }, { name: 'b', type: 'id' }")
        == ["features[0]: the required key \"name\" is missing"])
  }

  @Test func sharedTables() {
    func pair(_ first: String, _ second: String) -> [String] {
      findings(
        "{ name: 'a', type: 'id', embedding_name: 'e'\(first) },"
          + " { name: 'b', type: 'id', embedding_name: 'e'\(second) }")
    }
    let place = "features[1].embedding_name: the features of the shared table \"e\""
    #expect(pair(", num_ids: 4, missing: '?'", ", num_ids: 4, missing: '?'") == [])
    #expect(
      pair(", missing: '?'", "") == ["\(place) have different texts in \"missing\""])
    #expect(
      pair("", ", min_frequency: 2") == ["\(place) get their ids in different ways"])
    #expect(
      pair(", embedding_dim: 3, missing: '?'", ", num_ids: 2")
        == [
          "features[1].embedding_name: the shared table \"e\" has \"embedding_dim\" 3, here it is 8"
        ])
  }
}
