import Data
import Runtime

extension StreamedRows: BatchSource {
  public var feeds: [BatchFeed] {
    layout.feeds.map { BatchFeed(name: $0.name, width: $0.width, isInteger: $0.isInteger) }
  }
}

extension Dataset: BatchSource {
  public var feeds: [BatchFeed] {
    layout.feeds.map { BatchFeed(name: $0.name, width: $0.width, isInteger: $0.isInteger) }
  }
}
