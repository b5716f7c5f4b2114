import GraphIR

/// The tape answers what the protocol asks for.
extension EagerEngine: DifferentiableEmitter {}
