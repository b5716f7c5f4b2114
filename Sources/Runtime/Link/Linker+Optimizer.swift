import CKernels
import Plan

extension Linker {
  mutating func link(_ i: OptimizerInstruction) throws(LinkError) {
    let parameters = try block(i.parameters, .parameters)
    let gradients = try block(i.gradients, .gradients)
    var segments: [mtlc_optimizer_segment] = []
    for segment in i.segments {
      let (end, overflow) = segment.offset.addingReportingOverflow(segment.count)
      guard segment.offset >= 0, segment.count >= 0, !overflow,
        end <= min(parameters.count, gradients.count)
      else {
        throw fault("segment \(segment.offset)+\(segment.count) of \(parameters.count) floats")
      }
      let parameter = parameters.floats + segment.offset
      segments.append(
        mtlc_optimizer_segment(
          count: Int64(segment.count), parameter: parameter,
          state1: shared.state(0, of: parameter), state2: shared.state(1, of: parameter),
          gradient: gradients.floats + segment.offset, l2: segment.l2,
          clear_gradient: segment.clearsGradient ? 1 : 0))
    }
    var args = mtlc_optimizer_args()
    args.kind = shared.optimizer.kernelConstant
    args.segment_count = Int64(segments.count)
    args.segments = UnsafePointer(store.make(segments))
    if let maximum = i.maximumNorm { linkClipping(args, maximum) }
    args.hyper = UnsafePointer(shared.hyper)
    add(optimizerKernel, store.make(args))
  }

  /// A run of floats in one of the blocks that are laid out as the parameters.
  private func block(
    _ view: View, _ space: Buffer.Space
  ) throws(LinkError) -> (floats: UnsafeMutablePointer<Float>, count: Int) {
    let floats = try pointer(view, "\(space)").assumingMemoryBound(to: Float.self)
    guard program[view.buffer].space == space, view.strides == [1] else {
      throw fault("its \(space) are no block")
    }
    return (floats, size(view.extents[0]))
  }

  /// Measures the gradients of all segments and sets the factor that the optimizer applies.
  private mutating func linkClipping(_ optimizer: mtlc_optimizer_args, _ maximum: Float) {
    var norm = mtlc_gradient_norm_args()
    norm.segment_count = optimizer.segment_count
    norm.segments = optimizer.segments
    let tiles = withUnsafePointer(to: norm) { Int(mtlc_gradient_norm_tiles($0)) }
    norm.partials = store.make([Double](repeating: 0, count: tiles))
    add(gradientNormKernel, store.make(norm))
    beginLevel()
    var clip = mtlc_clip_args()
    clip.partials = UnsafePointer(norm.partials)
    clip.count = Int64(tiles)
    clip.maximum_norm = maximum
    clip.hyper = shared.hyper
    add(clipKernel, store.make(clip))
    beginLevel()
  }
}

private let optimizerKernel = KernelFamily<mtlc_optimizer_args>(
  { mtlc_optimizer_tiles($0.typed()) }, { mtlc_optimizer_run($0.typed(), $1, $2) })
private let gradientNormKernel = KernelFamily<mtlc_gradient_norm_args>(
  { mtlc_gradient_norm_tiles($0.typed()) }, { mtlc_gradient_norm_run($0.typed(), $1, $2) })
private let clipKernel = KernelFamily<mtlc_clip_args>(
  { _ in 1 }, { arguments, _, _ in mtlc_clip_run(arguments.typed()) })
