/// One kernel call. Each case names the kernel family of the executor that runs it.
public enum Instruction: Sendable, Hashable {
  case matmul(MatmulInstruction)
  case elementwise(ElementwiseInstruction)
  case reduce(ReduceInstruction)
  case softmax(SoftmaxInstruction)
  case gather(GatherInstruction)
  case scatterAdd(GatherInstruction)
  case oneHot(OneHotInstruction)
  case oneHotLinear(OneHotLinearInstruction)
  case oneHotGradient(OneHotLinearInstruction)
  case mixture(MixtureInstruction)
  case mixtureGradient(MixtureGradientInstruction)
  case convolution(ConvolutionInstruction)
  case pool(PoolInstruction)
  case random(RandomInstruction)
  /// Every element of the view becomes the value.
  case fill(View, Float)
  /// The number of rows of the run, as a float, into a scalar view.
  case batchSize(View)
  case optimizer(OptimizerInstruction)
  case sparseUpdate(SparseUpdateInstruction)
}

/// Uniform numbers in [0, 1), counter-based; see `RandomStream` in GraphIR's text form.
public struct RandomInstruction: Sendable, Hashable {
  /// Contiguous.
  public var output: View
  public var stream: Int

  public init(output: View, stream: Int) {
    self.output = output
    self.stream = stream
  }
}

/// Softmax over the last axis of a matrix; with `cotangent` its gradient, where `input` is the
/// forward result: output = y ⊙ (dy − Σ dy·y).
public struct SoftmaxInstruction: Sendable, Hashable {
  public var input: View
  public var cotangent: View?
  public var output: View

  public init(input: View, cotangent: View? = nil, output: View) {
    self.input = input
    self.cotangent = cotangent
    self.output = output
  }
}

/// Combines the axes of `input` that `reduced` marks. `output` has the same rank; its marked axes
/// have size 1 (their stride is not used). Result times `scale`.
public struct ReduceInstruction: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, Hashable, CaseIterable { case sum, max, min }
  public var kind: Kind
  public var input: View
  public var reduced: [Bool]
  public var output: View
  public var scale: Float

  public init(kind: Kind, input: View, reduced: [Bool], output: View, scale: Float = 1) {
    self.kind = kind
    self.input = input
    self.reduced = reduced
    self.output = output
    self.scale = scale
  }
}

/// The step of all dense parameters in one call: contiguous runs of the parameter block, whose
/// gradients lie at the same place of the gradient block.
public struct OptimizerInstruction: Sendable, Hashable {
  public struct Segment: Sendable, Hashable {
    /// In floats from the start of the block.
    public var offset: Int
    public var count: Int
    public var l2: Float
    /// Zero the gradient once it is read (for gradients that are scattered into).
    public var clearsGradient: Bool

    public init(offset: Int, count: Int, l2: Float, clearsGradient: Bool = false) {
      self.offset = offset
      self.count = count
      self.l2 = l2
      self.clearsGradient = clearsGradient
    }
  }
  public var segments: [Segment]
  /// The gradients of all segments are scaled by min(1, maximumNorm / ‖g‖₂) before the L2 penalty
  /// is added; nil leaves them.
  public var maximumNorm: Float?

  public init(segments: [Segment], maximumNorm: Float? = nil) {
    self.segments = segments
    self.maximumNorm = maximumNorm
  }
}
