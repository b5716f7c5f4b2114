import CKernels
import Plan
import Runtime
import Schema
import Testing

/// Each constant of the kernels belongs to one case, and to no two: the numbers of a kind are those from
/// 0 to its count.
@Suite struct KernelConstantTests {
  private func expectAll<Constant: RawRepresentable<UInt32>>(
    _ constants: [Constant], _ count: Int, _ comment: Comment
  ) {
    #expect(constants.map { Int($0.rawValue) }.sorted() == Array(0..<count), comment)
  }

  @Test func everyOptimizerHasItsConstant() {
    let kinds = Optimizer.Kind.allCases.map { Optimizer(kind: $0).kernelConstant }
    let momentum = Optimizer(kind: .sgd, [.momentum: 0.5]).kernelConstant
    expectAll(kinds + [momentum], MTLC_OPTIMIZER_COUNT, "optimizers")
    expectAll(
      SparseOptimizer.Kind.allCases.map(\.kernelConstant), MTLC_SPARSE_COUNT, "sparse optimizers")
  }

  @Test func everyOperationHasItsConstant() {
    expectAll(
      ElementwiseInstruction.Operation.allCases.map(\.kernelConstant), MTLC_OP_COUNT, "operations")
    expectAll(
      ReduceInstruction.Kind.allCases.map(\.kernelConstant), MTLC_REDUCE_COUNT, "reductions")
  }

  @Test func everyOtherChoiceHasItsConstant() {
    let activations: [MatmulInstruction.Activation?] = [nil] + MatmulInstruction.Activation.allCases
    expectAll(activations.map(\.kernelConstant), MTLC_ACTIVATION_COUNT, "activations")
    expectAll(
      MatmulPrecision.allCases.map(\.kernelConstant), MTLC_PRECISION_COUNT, "precisions")
    expectAll(
      GatherInstruction.Pooling.allCases.map(\.kernelConstant), MTLC_POOLING_COUNT, "poolings")
    expectAll(
      OneHotGradientInstruction.UpdatedRows.allCases.map(\.kernelConstant), MTLC_ROWS_COUNT,
      "updated rows")
    expectAll(
      ConvolutionInstruction.Kind.allCases.map(\.kernelConstant), MTLC_CONVOLUTION_COUNT,
      "convolutions")
    expectAll(PoolInstruction.Kind.allCases.map(\.kernelConstant), MTLC_POOL_COUNT, "pooling")
    expectAll(GroupInstruction.Kind.allCases.map(\.kernelConstant), MTLC_GROUP_COUNT, "groups")
    expectAll(
      GroupPairsInstruction.Function.allCases.map(\.kernelConstant), MTLC_PAIR_FUNCTION_COUNT,
      "functions of pairs")
    expectAll(
      GroupPairsInstruction.Side.allCases.map(\.kernelConstant), MTLC_PAIR_SIDE_COUNT,
      "sides of pairs")
  }
}
