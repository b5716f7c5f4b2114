import Foundation
import ModelDefs
import Schema
import Testing

/// What `data` decodes to, whole, and what it refuses, alone and with nothing else.
@Suite struct DataDetailTests {
  private func findings(_ data: String) -> [String] {
    var fixture = SpecFixture()
    fixture.data = data
    return fixture.findings()
  }

  private func format(_ data: String) throws -> TableFormat {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'a', \(data) }"
    return try fixture.spec().dataDeclaration.format
  }

  private let columns = ["age", "job", "income", "married"]

  @Test func files() throws {
    var fixture = SpecFixture()
    fixture.data = """
      { train: ['a', '/b'], validation: 'v', test: 't', cache: 'c', stream: true, fit_rows: 77,
        group_by: 'g', sample_weight: 'w' }
      """
    let spec = try fixture.spec()
    #expect(spec.files.train == ["dir/a", "/b"])
    #expect(spec.files.validation == ["dir/v"])
    #expect(spec.files.test == ["dir/t"])
    #expect(spec.files.cache == "dir/c")
    #expect(spec.files.stream && spec.files.fitRows == 77 && spec.files.rotations)
    #expect(spec.files.validationFraction == 0 && spec.files.validationSplit == .random)
    #expect(spec.dataDeclaration.groupColumn == "g")
    #expect(spec.dataDeclaration.sampleWeightColumn == "w")
    let working = FileManager.default.currentDirectoryPath
    #expect(spec.training.trainPaths == ["\(working)/dir/a", "/b"])
    #expect(spec.training.validationPaths == ["\(working)/dir/v"])
    #expect(spec.training.testPaths == ["\(working)/dir/t"])
    #expect(try SpecFixture().spec().files.fitRows == 200_000)
    #expect(try SpecFixture().spec("data.cache=k").files.cache == "k")
    #expect(try SpecFixture().spec("data.train='-'").training.trainPaths == ["-"])
    fixture.data = "{ train: 'a', validation_fraction: 0.25, validation_split: 'last' }"
    let last = try fixture.spec()
    #expect(last.files.validationSplit == .last && last.training.validationSplit == .last)
    #expect(last.files.validationFraction == 0.25 && last.training.validationFraction == 0.25)
    #expect(last.dataDeclaration.validationColumn == nil)
  }

  @Test func bounds() throws {
    for (written, bound) in [
      ("3", .number(3)), ("2.5", .number(2.5)), ("'x'", .text("x")),
    ] as [(String, ValidationColumn.Bound)] {
      var fixture = SpecFixture()
      fixture.data = "{ train: 'a', validation_split: { column: 'day', from: \(written) } }"
      #expect(
        try fixture.spec().dataDeclaration.validationColumn
          == ValidationColumn(column: "day", from: bound))
    }
    let split = "data.validation_split"
    #expect(
      findings("{ train: 'a', validation_split: { column: 'day', from: NaN } }")
        == ["\(split).from: expected a number or a string, found the number nan"])
    #expect(
      findings("{ train: 'a', validation_split: 3, validation_fraction: 0.1 }")
        == ["\(split): expected \"random\", \"last\" or { column, from }, found the number 3"])
    #expect(findings("{ train: 'a', validation_split: 'random', validation_fraction: 0.1 }") == [])
  }

  @Test func generatedFiles() {
    let files = "data.generate: needs one file each in \"train\" and \"test\""
    #expect(findings("{ train: 'a', generate: 'ads' }") == [files])
    #expect(findings("{ train: ['a', 'b'], test: 't', generate: 'ads' }") == [files])
    #expect(findings("{ train: 'a', test: ['t', 'u'], generate: 'funnel' }") == [files])
    for kind in ["ads", "funnel", "regression", "cold_start", "none"] {
      #expect(findings("{ train: 'a', test: 't', generate: '\(kind)' }") == [])
    }
    #expect(
      findings("{ train: 'a', test: 't', generate: 'characters' }")
        == ["data.generate: goes only with episodes of images"])
    #expect(
      findings("{ train: 'a', stream: true }") == ["data.stream: needs the folder of \"cache\""])
    #expect(
      findings("{ train: 'a', rotations: false }")
        == ["data.rotations: goes only with episodes of images"])
  }

  @Test func tables() throws {
    #expect(
      try format("format: 'csv'") == TableFormat(takesNamedDelimiter: true))
    #expect(try format("format: 'tsv'") == TableFormat(delimiter: 9))
    #expect(try format("delimiter: ';'") == TableFormat(delimiter: UInt8(ascii: ";")))
    #expect(
      try format("columns: ['age', 'job', 'income', 'married'], header: true")
        == TableFormat(columns: columns, takesNamedDelimiter: true))
    #expect(
      try format(
        "columns: ['age', 'job', 'income', 'married'], quote: \"'\", trim_spaces: false,"
          + " comment: '#', missing: ['?', 'NA'], escape: '~', decimal: ',', thousands: '.'")
        == TableFormat(
          hasHeader: false, columns: columns, quote: UInt8(ascii: "'"), trimsSpaces: false,
          comment: "#", missing: ["?", "NA"], escape: UInt8(ascii: "~"),
          numbers: NumberMarks(decimal: UInt8(ascii: ","), thousands: "."),
          takesNamedDelimiter: true))
    #expect(
      try format("delimiter: '12345678', quote: ''")
        == TableFormat(
          delimiter: UInt8(ascii: "1"), quote: 0, delimiterRest: Array("2345678".utf8)))
    #expect(
      try format("delimiter: '§'")
        == TableFormat(delimiter: 0xC2, delimiterRest: [0xA7]))
    #expect(try format("delimiter: '\\u0001'") == TableFormat(delimiter: 1))
  }

  @Test func charactersOfTables() {
    let length = "data.delimiter: must be one to eight characters without line breaks, found"
    #expect(findings("{ train: 'a', delimiter: '123456789' }") == ["\(length) \"123456789\""])
    #expect(findings("{ train: 'a', delimiter: '' }") == ["\(length) \"\""])
    #expect(findings("{ train: 'a', delimiter: 'a\\rb' }") == ["\(length) \"a\\u{d}b\""])
    for (key, text) in [("quote", "é"), ("escape", "ab"), ("escape", ""), ("decimal", "")] {
      #expect(
        findings("{ train: 'a', \(key): '\(text)' }")
          == ["data.\(key): must be one ASCII character, found \"\(text)\""])
    }
    #expect(
      findings("{ train: 'a', delimiter: '::', escape: ':' }")
        == ["data.escape: is a character of \"delimiter\""])
    #expect(findings("{ train: 'a', quote: '', escape: '\"' }") == [])
    for mark in ["5", "+", "-", "e", "E"] {
      #expect(
        findings("{ train: 'a', decimal: '\(mark)' }")
          == ["data.decimal: cannot be part of a number itself"])
    }
    for mark in ["..", "7", "e"] {
      #expect(
        findings("{ train: 'a', decimal: ',', thousands: '\(mark)' }") == [
          "data.thousands: must be one character that no number has otherwise, found \"\(mark)\""
        ])
    }
    let same = "is the same character for the decimal mark and for thousands"
    #expect(findings("{ train: 'a', thousands: '.' }") == ["data.thousands: \(same)"])
    #expect(
      findings("{ train: 'a', decimal: ',', thousands: ',' }") == ["data.thousands: \(same)"])
    #expect(findings("{ train: 'a', decimal: ',', thousands: \"'\" }") == [])
  }

  @Test func otherFormats() {
    let list = "columns: ['age', 'job', 'income', 'married']"
    for (format, keys) in [
      ("npy", ["header: true", "delimiter: ';'", "escape: '~'", "encoding: 'latin1'"]),
      ("slots", ["header: true", "escape: '~'"]),
    ] {
      for key in keys {
        let name = key.prefix { $0 != ":" }
        #expect(
          findings("{ train: 'a', format: '\(format)', \(list), \(key) }")
            == ["data.\(name): does not go with the format \"\(format)\""])
      }
      #expect(findings("{ train: 'a', format: '\(format)', \(list), header: false }") == [])
    }
    #expect(findings("{ train: 'a', format: 'slots', \(list), delimiter: ';' }") == [])
    #expect(
      findings("{ train: 'a', format: 'slots' }")
        == ["data.format: \"slots\" needs \"columns\", the fields before the slots"])
    #expect(
      findings("{ train: 'a', header: false }")
        == ["data.header: is false, so \"columns\" must name the columns of the file"])
  }

  // MARK: Joined tables

  private func joins(_ joins: String, _ data: String = "") throws -> [TableJoin] {
    var fixture = SpecFixture()
    fixture.data = "{ train: 'a', \(data) join: \(joins) }"
    return try fixture.spec().dataDeclaration.joins
  }

  @Test func joinedTables() throws {
    let working = FileManager.default.currentDirectoryPath
    var rows = TableFormat(
      delimiter: UInt8(ascii: ";"), quote: UInt8(ascii: "'"), comment: "#",
      missing: ["?"], escape: UInt8(ascii: "~"), encoding: .latin1)
    let dialect =
      "delimiter: ';', quote: \"'\", comment: '#', missing: '?', escape: '~', encoding: 'latin1',"
    #expect(
      try joins("[{ file: 'u.csv', key: 'job' }]", dialect) == [
        TableJoin(file: "\(working)/dir/u.csv", key: "job", column: "job", format: rows)
      ])
    let own = """
      [{ file: '/x/u.csv', key: 'id', column: 'job', delimiter: '::', quote: '', comment: '%',
         escape: '', encoding: 'utf8', trim_spaces: false, columns: ['id', 'town'] }]
      """
    rows.delimiterRest = [UInt8(ascii: ":")]
    (rows.delimiter, rows.quote, rows.escape) = (UInt8(ascii: ":"), 0, 0)
    (rows.comment, rows.encoding, rows.trimsSpaces) = ("%", .utf8, false)
    (rows.columns, rows.hasHeader) = (["id", "town"], false)
    #expect(
      try joins(own, dialect)
        == [TableJoin(file: "/x/u.csv", key: "id", column: "job", format: rows)])
    let tabs = try joins("[{ file: 'u', key: 'job', format: 'tsv' }]")
    #expect(tabs.map(\.format) == [TableFormat(delimiter: 9)])
    let commas = try joins("[{ file: 'u', key: 'job', format: 'csv' }]", "format: 'tsv',")
    #expect(commas.map(\.format) == [TableFormat(takesNamedDelimiter: true)])
    let headed = try joins(
      "[{ file: 'u', key: 'job', header: true, columns: ['job'] }]")
    #expect(headed.map(\.format.hasHeader) == [true])
  }

  @Test func joinsThatCannotBe() {
    func join(_ text: String, _ data: String = "") -> [String] {
      findings("{ train: 'a', \(data) join: \(text) }")
    }
    #expect(
      join("{}")
        == ["data.join: expected a list of objects with a file and a key, found an object"])
    #expect(
      join("[{ key: 'k' }]") == ["data.join[0]: the required key \"file\" is missing"])
    #expect(
      join("[{ file: '-', key: 'k' }]")
        == ["data.join[0].file: must be a file, not standard input"])
    #expect(
      join("[{ file: 'u', key: 'idd', columns: ['id', 'x'] }]")
        == ["data.join[0].key: is not in \"columns\"; did you mean \"id\"?"])
    #expect(
      join("[{ file: 'u', key: 'k', header: false }]")
        == ["data.join[0].header: is false, so \"columns\" must name the columns of the file"])
    #expect(
      join("[{ file: 'u', key: 'k' }]", "missing: [],") == [
        "data.join: needs a text in \"missing\", which stands for the columns of a key that is not"
          + " found"
      ])
    #expect(
      join(
        "[{ file: 'u', key: 'age' }]",
        "format: 'npy', columns: ['age', 'job', 'income', 'married'],")
        == ["data.join: goes only with the formats \"csv\" and \"tsv\""])
    let listed = "columns: ['age', 'income', 'married'],"
    #expect(
      join("[{ file: 'd/u', key: 'user' }]", listed)
        == ["data.join: the rows have no column \"user\", which holds the key of \"u\""])
    #expect(
      join("[{ file: 'u', key: 'age', columns: ['age', 'town'] }]", listed)
        == ["features[1].name: data.columns has no column \"job\""])
    #expect(join("[{ file: 'u', key: 'age', columns: ['age', 'job'] }]", listed) == [])
    #expect(join("[{ file: 'u', key: 'age' }]", listed) == [])
  }
}
