/// The version of mtlc, as `mtlc --version` prints it. docs/compatibility.md says what it promises.
package enum ToolVersion {
  package static let text = "1.0.0"
}
