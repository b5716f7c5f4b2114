/// The names of an episode's feeds, and of what the programs of a model that learns from episodes
/// hand out.
public enum EpisodeName {
  public static let support = "support"
  public static let query = "query"
  /// f32[N, height, width, 1].
  public static let images = "images"
  /// i32[N], from 0.
  public static let labels = "labels"
  /// The query loss before it, f32[] (programs that evaluate).
  public static let lossBefore = "loss.before"
  /// The share of query images that are classified correctly, f32[].
  public static let accuracy = "accuracy"

  /// The scores of the query rows before the inner loop (programs that evaluate).
  public static func predictionBefore(_ task: String) -> String {
    OutputName.prediction("before.\(task)")
  }
  /// A feed of the support or the query set.
  public static func feed(_ part: String, _ name: String) -> String { "\(part).\(name)" }
  /// A parameter's gradient: what a task's program hands out and the meta optimizer is fed.
  public static func gradient(_ parameter: String) -> String { "gradient.\(parameter)" }
  /// What a model chooses where derivatives jump, in the order of its ops.
  public static func choice(_ index: Int) -> String { "choice.\(index)" }

  /// The choices of a task in order, from what its program handed out.
  public static func choices(_ outputs: [String: [Float]]) -> [[Float]] {
    (0..<outputs.count).compactMap { outputs[choice($0)] }
  }
}
