import GraphIR

/// The tape provides what the protocol requires.
extension EagerEngine: DifferentiableEmitter {}
