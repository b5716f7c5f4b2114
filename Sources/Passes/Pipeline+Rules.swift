extension Pipeline {
  /// The pipeline with other gradient rules for the ops of some mnemonics.
  func replacing(gradientRules rules: [String: Differentiate.Rule]) -> Pipeline {
    guard !rules.isEmpty else { return self }
    return Pipeline(
      steps.map { step in
        guard let pass = step.pass as? Differentiate else { return step.pass }
        return Differentiate(loss: pass.loss, target: pass.target, rules: rules)
      })
  }
}
