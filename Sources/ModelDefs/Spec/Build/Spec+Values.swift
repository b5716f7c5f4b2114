import Schema

/// The section `data`.
public typealias DataObject = SpecObject<DataKeys>
/// An entry of `features`.
public typealias FeatureObject = SpecObject<FeatureKeys>
/// An entry of `tasks`.
public typealias TaskObject = SpecObject<TaskKeys>
/// The section `model`.
public typealias ModelObject = SpecObject<ModelKeys>
/// The section `training`.
public typealias TrainingObject = SpecObject<TrainingKeys>

extension SpecObject where Section == DataKeys {
  /// Files to train on and, for the final metrics, to test with.
  public static func files(train: [String], test: [String] = []) -> Self {
    let object = Self().with(DataKeys.train, train)
    return test.isEmpty ? object : object.with(DataKeys.test, test)
  }
}

extension SpecObject where Section == FeatureKeys {
  /// Numbers, one feature for each column.
  public static func numeric(_ columns: String...) -> Self {
    Self(type: "numeric").with(FeatureKeys.columns, columns)
  }

  /// One id a row, one feature for each column.
  public static func id(_ columns: String...) -> Self {
    Self(type: "id").with(FeatureKeys.columns, columns)
  }

  /// Several ids in a field, one feature for each column.
  public static func sequence(_ columns: String...) -> Self {
    Self(type: "sequence").with(FeatureKeys.columns, columns)
  }
}

extension SpecObject where Section == TaskKeys {
  /// A task; its label is the column of its name unless `TaskKeys.label` says otherwise.
  public static func task(_ name: String) -> Self { Self().with(TaskKeys.name, name) }
}

extension SpecObject where Section == ModelKeys {
  public static func model<Model: NamedModel>(_ model: Model.Type) -> Self {
    Self(type: Model.type)
  }
}

/// The section `model.interaction`.
public typealias InteractionObject = SpecObject<InteractionKeys>
/// The section `model.ensemble`.
public typealias EnsembleObject = SpecObject<EnsembleKeys>
/// The section `pretrained` of a feature.
public typealias PretrainedObject = SpecObject<PretrainedKeys>
/// The section `training.optimizer`.
public typealias OptimizerObject = SpecObject<Optimizer>

extension SpecObject where Section == Optimizer {
  /// - Parameter learningRate: nil for the optimizer's own.
  public static func optimizer(_ kind: Optimizer.Kind, learningRate: Double? = nil) -> Self {
    let object = Self(type: kind.rawValue)
    return learningRate.map { object.with("learning_rate", $0) } ?? object
  }
}

extension Spec {
  /// A spec made in Swift. It goes through the checks of a spec that is read, and is read again from
  /// its `canonicalText`.
  ///
  /// - Parameter folder: What its paths are relative to; empty for the working directory.
  /// - Throws: `SpecError` with everything that is wrong; its findings name the key paths.
  public init(
    name: String, data: DataObject, features: [FeatureObject] = [], tasks: [TaskObject] = [],
    model: ModelObject, training: TrainingObject = TrainingObject(), folder: String = "",
    overrides: [String] = []
  ) throws {
    func list<Section>(_ objects: [SpecObject<Section>]) -> SpecValue.Content {
      .array(objects.map(\.value))
    }
    var sections: [(any AnySpecKey, SpecValue.Content)] = [
      (SpecKeys.name, .string(name)), (SpecKeys.data, data.value.content),
    ]
    if !features.isEmpty { sections.append((SpecKeys.features, list(features))) }
    if !tasks.isEmpty { sections.append((SpecKeys.tasks, list(tasks))) }
    sections += [
      (SpecKeys.model, model.value.content), (SpecKeys.training, training.value.content),
    ]
    let tree = SpecValue(
      .object(
        sections.map {
          .init(key: $0.0.name, keyLocation: .file, value: SpecValue($0.1, at: .file))
        }), at: .file)
    try self.init(
      tree: tree, SpecDiagnostics(file: name), folder: folder, overrides: overrides)
  }
}
