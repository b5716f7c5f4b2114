import Data
import Schema

/// A file that is read as it should be, to be changed.
struct InputSubject: Sendable {
  enum Use: Sendable {
    /// Rows, with a declaration that reads them.
    case rows(@Sendable (inout Random) -> DataDeclaration)
    case spec
    case images
    /// Vectors for a table of ten ids, three numbers each.
    case vectors
  }

  var name: String
  var file: String
  var bytes: [UInt8]
  var use: Use
  /// What parts of another file are taken from; nil for any subject.
  var other: [UInt8]?

  static let all: [InputSubject] =
    [
      table("csv", UInt8(ascii: ",")), table("tsv", UInt8(ascii: "\t")), slots, libsvm, dense, spec,
      images, vectorText, vectorTensors,
    ] + ["<f4", "<f8", "|u1", "<i8"].map(array)

  // MARK: Vectors

  private static let vectorText = InputSubject(
    name: "vectors", file: "vectors.txt",
    bytes: Array(
      ("12 3\n" + (0..<12).map { "\($0) \($0).5 -1e-3 0.25\n" }.joined()).utf8), use: .vectors)

  private static let vectorTensors: InputSubject = {
    let header =
      "{\"half\":{\"dtype\":\"F16\",\"shape\":[10,3],\"data_offsets\":[120,180]},"
      + "\"table\":{\"dtype\":\"F32\",\"shape\":[10,3],\"data_offsets\":[0,120]}}"
    let bytes =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
      + (0..<180).map { UInt8($0 % 60) }
    return InputSubject(
      name: "tensors", file: "vectors.safetensors", bytes: bytes, use: .vectors)
  }()

  // MARK: Text

  private static func table(_ name: String, _ delimiter: UInt8) -> InputSubject {
    var text = "id,n,list,\"odd \"\"name\"\", x\",y,w\n"
    for row in 0..<30 {
      let n = row % 7 == 0 ? "" : "\(Double(row * row) / 8)"
      text += "\(row % 5 == 0 ? "\"a \(row)\"" : "é\(row % 4)"),\(n),"
      text += "\(row % 3)|\(row % 4):0.5|,北京 \(row % 2),\(row % 2),\(row % 9)\n"
    }
    let mark = String(Unicode.Scalar(delimiter))
    return InputSubject(
      name: name, file: "table.\(name)", bytes: Array(text.replacing(",", with: mark).utf8),
      use: .rows { random in
        declaration(TableFormat(delimiter: delimiter), &random)
      })
  }

  /// A declaration of the table's columns, with encoders by chance.
  private static func declaration(
    _ format: TableFormat, _ random: inout Random
  ) -> DataDeclaration {
    let sources: [IdSource] = [
      .trainingData(minFrequency: 1), .trainingData(minFrequency: 3), .hash(buckets: 300),
      .list(["é0", "é1", "0", "1"]),
    ]
    let numbers: [FeatureDeclaration.Kind] = [
      .numeric(.none), .numeric(.zscore), .numeric(.log), .numeric(.minmax),
      .bucketized(.quantiles(count: 4)), .bucketized(.boundaries([1, 10])),
    ]
    let layout = SequenceLayout(
      separator: UInt8(ascii: "|"), maxLength: 1 + random.below(4),
      keep: random.isOne(in: 2) ? .first : .last, weighted: random.isOne(in: 2))
    var format = format
    format.missing = random.pick([[""], ["", "nan"], []])
    return DataDeclaration(
      format: format,
      features: [
        FeatureDeclaration(name: "id", column: "id", kind: .id(random.pick(sources))),
        FeatureDeclaration(name: "n", column: "n", kind: random.pick(numbers)),
        FeatureDeclaration(
          name: "list", column: "list", kind: .sequence(random.pick(sources), layout)),
        FeatureDeclaration(
          name: "odd", column: "odd \"name\", x", kind: .id(random.pick(sources))),
      ],
      labels: [
        LabelSchema(
          task: "y", column: "y", kind: random.pick([.binary, .number, .positives(["1"])]))
      ], sampleWeightColumn: random.isOne(in: 2) ? "w" : nil,
      groupColumn: random.isOne(in: 2) ? "id" : nil)
  }

  /// A declaration of numbers and a label, for formats without text.
  private static func numbers(
    _ layout: TableFormat.Layout, columns: [String], features: [FeatureDeclaration]
  ) -> DataDeclaration {
    DataDeclaration(
      format: TableFormat(layout: layout, hasHeader: false, columns: columns),
      features: features, labels: [LabelSchema(task: "y", column: "y", kind: .number)])
  }

  private static let slots = InputSubject(
    name: "slots", file: "rows.slots",
    bytes: Array(
      (0..<20).map { "\($0 % 2),\($0),a:\($0 % 3),b:\($0),b:\($0 * 7),c:9\n" }.joined().utf8),
    use: .rows { _ in
      numbers(
        .slots, columns: ["y", "n"],
        features: [
          FeatureDeclaration(name: "n", column: "n", kind: .numeric(.zscore)),
          FeatureDeclaration(name: "a", column: "a", kind: .id(.trainingData(minFrequency: 1))),
          FeatureDeclaration(
            name: "b", column: "b",
            kind: .sequence(.hash(buckets: 9), SequenceLayout(separator: 124, maxLength: 3))),
        ])
    })

  private static let libsvm = InputSubject(
    name: "libsvm", file: "rows.svm",
    bytes: Array(
      (0..<20).map { "\($0 % 2) qid:\($0 / 4) 3:\($0)e-1 7:-2.5 \($0 + 9):1 # row \($0)\n" }
        .joined().utf8),
    use: .rows { _ in
      numbers(
        .libsvm, columns: ["y"],
        features: [
          FeatureDeclaration(name: "three", column: "3", kind: .numeric(.zscore)),
          FeatureDeclaration(
            name: "all", column: "pairs",
            kind: .sequence(
              .hash(buckets: 9), SequenceLayout(separator: 124, maxLength: 4, weighted: true))),
        ])
    })

  private static let dense = InputSubject(
    name: "dense", file: "rows.txt",
    bytes: Array((0..<20).map { "\($0 % 2)  \($0),\t-1e-3 , 4\n" }.joined().utf8),
    use: .rows { _ in
      numbers(
        .dense, columns: ["y", "a", "b", "c"],
        features: ["a", "b", "c"].map {
          FeatureDeclaration(name: $0, column: $0, kind: .numeric(.minmax))
        })
    })

  private static let spec = InputSubject(
    name: "spec", file: "spec.json5",
    bytes: Array(
      """
      // A spec with most kinds of values.
      {
        name: 'small', data: { train: ["table.csv"], missing: ["", "nan"], delimiter: "," },
        features: [
          { columns: ["a0..a3", "b"], type: "numeric", normalizer: "log" },
          { name: "id", type: "id", embedding_dim: +4, vocab_list: ["x", 'y\\u00e9', "\\x41"] },
          { name: "list", type: "sequence", max_length: 0x10, pooling: "max", separator: "|" },
        ],
        tasks: [{ name: "y", weight: .5 }, { name: "z", loss: "mse" }],
        model: { type: "mmoe", num_experts: 2, expert_hidden_units: [8, 4,], },
        training: { epochs: 1, optimizer: { type: "adam", learning_rate: 1e-3 }, /* none */ },
      }
      """.utf8), use: .spec)

  // MARK: Arrays

  private static func array(_ type: String) -> InputSubject {
    let size = Int(String(type.last ?? "1")) ?? 1
    var elements: [UInt8] = []
    for k in 0..<24 { elements += (0..<size).map { UInt8(truncatingIfNeeded: $0 == 0 ? k : 0) } }
    return InputSubject(
      name: "npy", file: "rows.npy", bytes: npy(type, "(8, 3)", elements),
      use: .rows { _ in
        numbers(
          .npy, columns: ["a", "b", "y"],
          features: ["a", "b"].map {
            FeatureDeclaration(name: $0, column: $0, kind: .numeric(.zscore))
          })
      })
  }

  private static let images = InputSubject(
    name: "images", file: "images.npy",
    bytes: npy("|u1", "(2, 3, 4, 5)", (0..<120).map { UInt8($0) }), use: .images)

  private static func npy(_ type: String, _ shape: String, _ elements: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
    header += String(repeating: " ", count: max(0, 117 - header.utf8.count)) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + elements
  }
}
