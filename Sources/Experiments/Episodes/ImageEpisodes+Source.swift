import Data
import Runtime
import Schema

/// Episodes of images as what a meta engine reads.
extension ImageEpisodes: EpisodeSource {
  public func write(
    episode: Int, to destination: (_ feed: String) -> UnsafeMutableRawPointer?
  ) {
    func images(_ part: String) -> UnsafeMutablePointer<Float>? {
      destination(EpisodeName.feed(part, EpisodeName.images))?
        .assumingMemoryBound(to: Float.self)
    }
    func labels(_ part: String) -> UnsafeMutablePointer<Int32>? {
      destination(EpisodeName.feed(part, EpisodeName.labels))?
        .assumingMemoryBound(to: Int32.self)
    }
    write(
      episode: episode, supportImages: images(EpisodeName.support),
      supportLabels: labels(EpisodeName.support), queryImages: images(EpisodeName.query),
      queryLabels: labels(EpisodeName.query))
  }
}
