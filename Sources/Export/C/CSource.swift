import Plan
import Schema

/// A trained plan as C: a header with the rows, the encoded rows and the predictions as structs, and one
/// source file with all that the plan learned.
package struct CSource {
  private let plan: Plan
  /// What all public names begin with.
  private let prefix: String
  private let row: CRow
  private let feeds: CFeeds
  private let program: CProgram
  private let features: CFeatures
  /// The members of the prediction, parallel to the tasks.
  private let outputs: [String]

  /// - Throws: for a plan that has no C.
  package init(_ plan: Plan) throws(ExportError) {
    self.plan = plan
    prefix = CNames.identifier(plan.name)
    feeds = CFeeds(plan.schema)
    var program = try CProgram(plan, feeds)
    try program.write()
    self.program = program
    var features = CFeatures(plan.schema, feeds)
    try features.write()
    self.features = features
    row = features.row
    var names = CNames()
    outputs = plan.tasks.map { names.unique($0.name) }
  }

  // MARK: Header

  /// The text of the header.
  package func header() -> String {
    var text = CText()
    text.comment(
      "The model \(plan.name), written by mtlc export. Nothing here allocates memory or keeps anything"
        + " between calls: any number of threads may call at the same time.")
    text.lines(
      """
      #ifndef \(guardName)
      #define \(guardName)

      #include <stddef.h>
      #include <stdint.h>

      #ifdef __cplusplus
      extern "C" {
      #endif

      """)
    writeRow(to: &text)
    writeEncoded(to: &text)
    writePrediction(to: &text)
    text.lines(
      """
      /* Turns the cells of a row into ids and numbers, as the training rows were. Returns 0, or the number of
         the field, from 1, that cannot be read: \(prefix)_columns[number - 1] is its column. */
      int \(prefix)_encode(const \(prefix)_row *row, \(prefix)_encoded *encoded);

      /* Predicts for an encoded row. An id beyond its bound counts as an unknown one. */
      void \(prefix)_forward(const \(prefix)_encoded *encoded, \(prefix)_prediction *prediction);

      /* Both after each other. Returns what \(prefix)_encode does; the prediction is set where that is 0. */
      int \(prefix)_predict(const \(prefix)_row *row, \(prefix)_prediction *prediction);

      /* Predicts for `count` rows, one after the other. Returns how many were predicted: less than `count` is
         the index of a row that cannot be read. */
      size_t \(prefix)_predict_rows(const \(prefix)_row *rows, size_t count,
          \(prefix)_prediction *predictions);

      #ifdef __cplusplus
      }
      #endif

      #endif
      """)
    return text.text
  }

  private var guardName: String { "\(prefix.uppercased())_MODEL_H" }

  private func writeRow(to text: inout CText) {
    text.comment(
      "A row as a table has it. Texts are UTF-8 without quotes and without spaces around them, NULL where"
        + " there is no value; numbers are NAN where there is none.")
    text.open("typedef struct")
    for field in row.fields {
      let features =
        field.features == [field.column] ? "" : " of \(field.features.joined(separator: ", "))"
      text.comment("column \(field.column)\(features)")
      text.line(field.isNumber ? "double \(field.name);" : "const char *\(field.name);")
    }
    text.close(" \(prefix)_row;")
    text.lines(
      """

      /* The columns of the fields of a row, in their order. */
      enum { \(prefix)_column_count = \(row.fields.count) };
      extern const char *const \(prefix)_columns[\(prefix)_column_count];

      """)
  }

  private func writeEncoded(to text: inout CText) {
    text.comment("A row as the model reads it. Id 0 stands for a missing and for an unknown value.")
    text.open("typedef struct")
    for member in feeds.members {
      text.comment(member.columns.joined(separator: ", "))
      text.line(
        "\(member.feed.isInteger ? "int32_t" : "float") \(member.name)[\(member.feed.width)];")
    }
    text.close(" \(prefix)_encoded;")
    text.line()
  }

  private func writePrediction(to text: inout CText) {
    text.comment("What is predicted of a row.")
    text.open("typedef struct")
    for (task, name) in zip(plan.tasks, outputs) {
      switch task.kind {
      case .binary: text.comment("\(task.name): the probability of 1")
      case .regression: text.comment("\(task.name): the value")
      case .multiclass: text.comment("\(task.name): the probability of each class" + classes(task))
      }
      text.line(task.width == 1 ? "float \(name);" : "float \(name)[\(task.width)];")
    }
    text.close(" \(prefix)_prediction;")
    text.line()
  }

  private func classes(_ task: TaskRecord) -> String {
    guard let column = task.labelColumn, plan.schema.labels.indices.contains(column),
      case .classes(let names) = plan.schema.labels[column].kind
    else { return "" }
    return ": " + names.joined(separator: ", ")
  }

  // MARK: Source

  /// The text of the source file.
  /// - Parameter header: The name of the header's file.
  package func source(header: String) throws(ExportError) -> String {
    var text = CText()
    text.comment(
      "The model \(plan.name), written by mtlc export: \(plan.parameters.count) parameters,"
        + " \(program.program.instructions.count) instructions. C11 and libm are all that it needs."
    )
    text.lines(
      """
      #include \(CLiteral.string(header))

      #include <float.h>
      #include <math.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>

      """)
    for helper in CHelper.closure(program.helpers.union(features.helpers)) {
      text.lines((CHelper.sources[helper] ?? "") + "\n")
    }
    text.comment("What was learned of the columns.")
    text.line()
    text.append(features.tables)
    text.append(features.functions)
    text.comment("The parameters.")
    text.line()
    program.weights.write(plan.weights ?? [], to: &text)
    text.array(
      "const char *const \(prefix)_columns[\(prefix)_column_count]",
      row.fields.map { CLiteral.string($0.column) })
    text.line()
    text.open("int \(prefix)_encode(const \(prefix)_row *row, \(prefix)_encoded *encoded)")
    text.append(features.text)
    text.line("return 0;")
    text.close()
    text.line()
    text.open(
      "void \(prefix)_forward(const \(prefix)_encoded *encoded, \(prefix)_prediction *prediction)")
    text.append(program.text)
    for (task, name) in zip(plan.tasks, outputs) {
      for (k, value) in try program.output(task.output, width: task.width).enumerated() {
        text.line("prediction->\(name)\(task.width == 1 ? "" : "[\(k)]") = \(value);")
      }
    }
    text.close()
    text.lines(
      """

      int \(prefix)_predict(const \(prefix)_row *row, \(prefix)_prediction *prediction) {
        \(prefix)_encoded encoded;
        const int unreadable = \(prefix)_encode(row, &encoded);
        if (!unreadable) \(prefix)_forward(&encoded, prediction);
        return unreadable;
      }

      size_t \(prefix)_predict_rows(const \(prefix)_row *rows, size_t count,
          \(prefix)_prediction *predictions) {
        size_t k = 0;
        while (k < count && !\(prefix)_predict(rows + k, predictions + k)) k++;
        return k;
      }
      """)
    return text.text
  }
}

extension ExportFormat {
  static let c = ExportFormat(
    name: "c", summary: "features and predictions as a C11 file and a header", suffix: ".c"
  ) { plan, options throws(ExportError) in
    let header = options.fileName.dropLast(2) + ".h"
    let source = try CSource(plan)
    return [
      ExportedFile(
        name: options.fileName, bytes: Array(try source.source(header: String(header)).utf8)),
      ExportedFile(name: String(header), bytes: Array(source.header().utf8)),
    ]
  }
}
