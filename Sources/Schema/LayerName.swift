/// The name of the layer that a parameter belongs to: `towers.click.output` of
/// `towers.click.output.kernel`, in quotes; a table keeps its name.
package func layerName(_ parameter: String) -> String {
  let parts = parameter.split(separator: ".", omittingEmptySubsequences: false)
  let own = ["kernel", "bias", "scale", "shift", "offset", "mean", "variance", "frequencies"]
  guard parts.count > 1, let last = parts.last, own.contains(String(last)) else {
    return "\"\(parameter)\""
  }
  return "\"\(parts.dropLast().joined(separator: "."))\""
}
