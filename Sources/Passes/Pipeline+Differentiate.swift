extension Pipeline {
  /// The pipeline with its differentiation changed.
  func configuringDifferentiation(_ change: (inout Differentiate) -> Void) -> Pipeline {
    Pipeline(
      steps.map { step in
        guard var pass = step.pass as? Differentiate else { return step.pass }
        change(&pass)
        return pass
      })
  }
}
