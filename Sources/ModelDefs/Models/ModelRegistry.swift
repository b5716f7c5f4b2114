/// The models that a spec can name.
package enum ModelRegistry {
  package static let models: [any ModelDefinition.Type] = [
    SharedBottom.self, MMoE.self, MMoEV2.self, CGC.self, PLE.self, DBMTL.self, ESMM.self,
    FunnelV2.self, FunnelV3.self, FunnelV4.self, AITM.self, MAML.self,
  ]

  package static func model(named type: String) -> (any ModelDefinition.Type)? {
    models.first { $0.type == type }
  }

  /// The keys of `model`.
  static let variants = SpecVariants(
    noun: "model", common: [ModelKeys.interaction, ModelKeys.ensemble],
    variants: models.map { ($0.type, $0.section) })
}
