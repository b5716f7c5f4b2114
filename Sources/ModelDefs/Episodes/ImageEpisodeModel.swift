import GraphIR
import Schema
import TensorTypes

/// MAML on episodes of images: `ways` classes with `shots` examples each to adapt on and `queries`
/// to tell apart.
package struct ImageEpisodeModel: Sendable, Hashable {
  package var network: BaseNetwork
  package var inner: InnerLoop
  package var ways: Int
  package var shots: Int
  package var queries: Int

  package init(network: BaseNetwork, inner: InnerLoop, ways: Int, shots: Int, queries: Int) {
    self.network = network
    self.inner = inner
    self.ways = ways
    self.shots = shots
    self.queries = queries
  }

  /// Emits the program of one task: the inner loop on its support images, then loss and accuracy on
  /// its query images. A training emitter takes the training steps and allows for gradients of the
  /// loss by the parameters.
  package func build<E: DifferentiableEmitter>(height: Int, width: Int, on base: E) throws {
    let e = AdaptedEmitter(base) { _ in true }
    try inner.adapt(e) { try classify(EpisodeName.support, shots, height, width, on: e).loss }
    let query = try classify(EpisodeName.query, queries, height, width, on: e)
    try e.output(OutputName.loss, query.loss)
    try e.output(EpisodeName.accuracy, query.accuracy())
  }

  /// The loss on one part of an episode with the weights as they stand.
  package func classify<E: DifferentiableEmitter>(
    _ part: String, _ perClass: Int, _ height: Int, _ width: Int, on e: AdaptedEmitter<E>
  ) throws -> (loss: E.Tensor, accuracy: () throws -> E.Tensor) {
    e.read(part, rows: ways * perClass)
    let count = Dimension.fixed(ways * perClass)
    let images = try e.input(
      InputID(EpisodeName.images), .f32(count, .fixed(height), .fixed(width), 1))
    let labels = try e.input(InputID(EpisodeName.labels), .i32(count))
    let logits = try network.logits(images, classes: ways, on: e)
    return (
      try e.softmaxCrossEntropy(logits, labels: labels),
      { try e.accuracy(logits, labels: labels) }
    )
  }
}
