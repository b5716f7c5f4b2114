/// The keys of the spec itself.
public enum SpecKeys {
  public static let name = SpecKey.name(
    "name", "What to call the model; it names the plan's reports."
  )
  .optional("the name of the file")
  public static let data = SpecKey.section("data", "The files and how they are written.").required()
  public static let features = SpecKey.section(
    "features", type: "list of objects",
    "What the model reads of a row; required unless `maml` learns from images.")
  public static let tasks = SpecKey.section(
    "tasks", type: "list of objects",
    "What the model predicts; required with `features` unless `model.funnel` names the steps.")
  public static let model = SpecKey.section("model", "The architecture and its sizes.").required()
  public static let training = SpecKey.section("training", "How the model is trained.")

  static let search = SpecKey.section(
    "search",
    "Which keys `mtlc tune` tries which values of, by key path; with the keys of `search`. Other commands do"
      + " not look at it.")

  static let section = SpecSection(
    "spec", "A model, its data and its training in one JSON5 file.",
    keys: [name, data, features, tasks, model, training, search])
}
