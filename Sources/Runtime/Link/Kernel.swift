import CKernels

/// The kernel families of CKernels that calls are linked to.
enum Kernel: UInt8 {
  case matmul, elementwise, reduce, softmax, softmaxGradient
  case gather, scatterAdd, oneHotLinear, oneHotGradient
  case convolution, pool
  case mixture, mixtureGradient
  case random, optimizer, gradientNorm, clip
  case sparseRoute, sparseGroup, sparseUpdate
  /// Not a kernel: the threads of the step meet here.
  case barrier

  /// Into how many tiles the kernel cuts the work that its arguments describe.
  func tiles(_ arguments: UnsafeRawPointer) -> Int {
    func at<T>(_ type: T.Type) -> UnsafePointer<T> { arguments.assumingMemoryBound(to: type) }
    switch self {
    case .matmul: return Int(mtlc_matmul_tiles(at(mtlc_matmul_args.self)))
    case .elementwise: return Int(mtlc_elementwise_tiles(at(mtlc_elementwise_args.self)))
    case .reduce: return Int(mtlc_reduce_tiles(at(mtlc_reduce_args.self)))
    case .softmax: return Int(mtlc_softmax_tiles(at(mtlc_softmax_args.self)))
    case .softmaxGradient:
      return Int(mtlc_softmax_gradient_tiles(at(mtlc_softmax_gradient_args.self)))
    case .gather: return Int(mtlc_gather_tiles(at(mtlc_gather_args.self)))
    case .scatterAdd: return Int(mtlc_scatter_add_tiles(at(mtlc_scatter_add_args.self)))
    case .oneHotLinear: return Int(mtlc_onehot_linear_tiles(at(mtlc_onehot_linear_args.self)))
    case .oneHotGradient: return Int(mtlc_onehot_gradient_tiles(at(mtlc_onehot_gradient_args.self)))
    case .mixture: return Int(mtlc_mixture_tiles(at(mtlc_mixture_args.self)))
    case .mixtureGradient:
      return Int(mtlc_mixture_gradient_tiles(at(mtlc_mixture_gradient_args.self)))
    case .convolution: return Int(mtlc_convolution_tiles(at(mtlc_convolution_args.self)))
    case .pool: return Int(mtlc_pool_tiles(at(mtlc_pool_args.self)))
    case .random: return Int(mtlc_random_tiles(at(mtlc_random_args.self)))
    case .optimizer: return Int(mtlc_optimizer_tiles(at(mtlc_optimizer_args.self)))
    case .gradientNorm:
      return Int(mtlc_gradient_norm_tiles(at(mtlc_gradient_norm_args.self)))
    case .clip: return 1
    case .sparseRoute: return Int(mtlc_sparse_route_tiles(at(mtlc_sparse_args.self)))
    case .sparseGroup: return Int(mtlc_sparse_group_tiles(at(mtlc_sparse_args.self)))
    case .sparseUpdate: return Int(mtlc_sparse_update_tiles(at(mtlc_sparse_args.self)))
    case .barrier: return 0
    }
  }

  /// Runs tiles [first, last). A barrier does nothing here.
  @inline(__always)
  func run(_ arguments: UnsafeRawPointer, _ first: Int64, _ last: Int64) {
    switch self {
    case .matmul:
      mtlc_matmul_run(arguments.assumingMemoryBound(to: mtlc_matmul_args.self), first, last)
    case .elementwise:
      mtlc_elementwise_run(
        arguments.assumingMemoryBound(to: mtlc_elementwise_args.self), first, last)
    case .reduce:
      mtlc_reduce_run(arguments.assumingMemoryBound(to: mtlc_reduce_args.self), first, last)
    case .softmax:
      mtlc_softmax_run(arguments.assumingMemoryBound(to: mtlc_softmax_args.self), first, last)
    case .softmaxGradient:
      mtlc_softmax_gradient_run(
        arguments.assumingMemoryBound(to: mtlc_softmax_gradient_args.self), first, last)
    case .gather:
      mtlc_gather_run(arguments.assumingMemoryBound(to: mtlc_gather_args.self), first, last)
    case .scatterAdd:
      mtlc_scatter_add_run(
        arguments.assumingMemoryBound(to: mtlc_scatter_add_args.self), first, last)
    case .oneHotLinear:
      mtlc_onehot_linear_run(
        arguments.assumingMemoryBound(to: mtlc_onehot_linear_args.self), first, last)
    case .oneHotGradient:
      mtlc_onehot_gradient_run(
        arguments.assumingMemoryBound(to: mtlc_onehot_gradient_args.self), first, last)
    case .mixture:
      mtlc_mixture_run(arguments.assumingMemoryBound(to: mtlc_mixture_args.self), first, last)
    case .mixtureGradient:
      mtlc_mixture_gradient_run(
        arguments.assumingMemoryBound(to: mtlc_mixture_gradient_args.self), first, last)
    case .convolution:
      mtlc_convolution_run(
        arguments.assumingMemoryBound(to: mtlc_convolution_args.self), first, last)
    case .pool:
      mtlc_pool_run(arguments.assumingMemoryBound(to: mtlc_pool_args.self), first, last)
    case .random:
      mtlc_random_run(arguments.assumingMemoryBound(to: mtlc_random_args.self), first, last)
    case .optimizer:
      mtlc_optimizer_run(arguments.assumingMemoryBound(to: mtlc_optimizer_args.self), first, last)
    case .gradientNorm:
      mtlc_gradient_norm_run(
        arguments.assumingMemoryBound(to: mtlc_gradient_norm_args.self), first, last)
    case .sparseRoute:
      mtlc_sparse_route_run(arguments.assumingMemoryBound(to: mtlc_sparse_args.self), first, last)
    case .sparseGroup:
      mtlc_sparse_group_run(arguments.assumingMemoryBound(to: mtlc_sparse_args.self), first, last)
    case .sparseUpdate:
      mtlc_sparse_update_run(arguments.assumingMemoryBound(to: mtlc_sparse_args.self), first, last)
    case .clip:
      mtlc_clip_run(arguments.assumingMemoryBound(to: mtlc_clip_args.self))
    case .barrier:
      break
    }
  }
}
