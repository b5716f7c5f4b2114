import GraphIR
import TensorTypes

/// The classifier of images that MAML adapts.
package struct BaseNetwork: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable { case conv4, mlp }

  package var kind: Kind
  /// Channels of each block of `conv4`.
  package var channels: Int
  /// The hidden layers of `mlp`.
  package var hiddenUnits: [Int]

  package init(kind: Kind, channels: Int = 64, hiddenUnits: [Int] = [256, 128]) {
    self.kind = kind
    self.channels = channels
    self.hiddenUnits = hiddenUnits
  }

  /// How often `conv4` halves the sides of an image.
  static let blocks = 4
  /// The smallest side of an image that this network can read.
  package var smallestSide: Int { kind == .conv4 ? 1 << Self.blocks : 1 }

  /// images f32[N, height, width, 1] → logits f32[N, classes].
  func logits<E: Emitter>(_ images: E.Tensor, classes: Int, on e: E) throws -> E.Tensor {
    let count = e.shape(of: images)[0]
    func flat(_ x: E.Tensor) throws -> E.Tensor {
      let elements = e.shape(of: x).dimensions.dropFirst().compactMap(\.fixedSize).reduce(1, *)
      return try e.reshape(x, [count, .fixed(elements)])
    }
    var x = images
    switch kind {
    case .conv4:
      for block in 0..<Self.blocks {
        let name = "block.\(block)"
        x = try e.convolution(x, units: channels, name: "\(name).convolution")
        x = try e.batchNormalized(x, name: "\(name).norm")
        // The largest of relus is the relu of the largest: a quarter of the work.
        x = try e.relu(e.maxPool(x, window: 2, stride: 2))
      }
      x = try flat(x)
    case .mlp:
      x = try e.mlp(flat(x), units: hiddenUnits, name: "mlp", LayerStyle())
    }
    return try e.dense(x, units: classes, name: "classifier")
  }
}
