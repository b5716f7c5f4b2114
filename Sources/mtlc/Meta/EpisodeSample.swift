import Data
import ModelDefs

/// Data that the project generates for its own examples of learning from tasks.
enum EpisodeSample {
  static func prepare(_ spec: MetaSpec, isOwn: Bool, log: Log) throws {}
}
