import Data
import Runtime
import Schema

/// Random rows of random groups: training.
struct DrawnRows: EpisodeSource {
  let rows: RowEpisodes

  func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?) {
    rows.write(rows.drawn(episode: episode), to: destination)
  }

  func labels(episode: Int) -> [[Float]] { rows.labels(rows.drawn(episode: episode).query) }
}

/// The first rows of every group in turn: evaluation.
struct FixedRows: EpisodeSource {
  let rows: RowEpisodes

  func write(episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?) {
    rows.write(rows.fixed(episode: episode), to: destination)
  }

  func labels(episode: Int) -> [[Float]] { rows.labels(rows.fixed(episode: episode).query) }
}

extension RowEpisodes {
  fileprivate func write(
    _ parts: (support: [Int32], query: [Int32]),
    to destination: (_ feed: String) -> UnsafeMutableRawPointer?
  ) {
    write(parts.support) { destination(EpisodeName.feed(EpisodeName.support, $0)) }
    write(parts.query) { destination(EpisodeName.feed(EpisodeName.query, $0)) }
  }
}
