import ModelDefs

// What a spec in Swift is made of; its keys and models are declared in ModelDefs.

public typealias Spec = ModelDefs.Spec
public typealias SpecError = ModelDefs.SpecError
public typealias DataObject = ModelDefs.DataObject
public typealias FeatureObject = ModelDefs.FeatureObject
public typealias TaskObject = ModelDefs.TaskObject
public typealias ModelObject = ModelDefs.ModelObject
public typealias TrainingObject = ModelDefs.TrainingObject

public typealias DataKeys = ModelDefs.DataKeys
public typealias FeatureKeys = ModelDefs.FeatureKeys
public typealias TaskKeys = ModelDefs.TaskKeys
public typealias ModelKeys = ModelDefs.ModelKeys
public typealias TrainingKeys = ModelDefs.TrainingKeys
public typealias ExtractionKeys = ModelDefs.ExtractionKeys

public typealias SharedBottom = ModelDefs.SharedBottom
public typealias MMoE = ModelDefs.MMoE
public typealias MMoEV2 = ModelDefs.MMoEV2
public typealias CGC = ModelDefs.CGC
public typealias PLE = ModelDefs.PLE
public typealias ESMM = ModelDefs.ESMM
public typealias DBMTL = ModelDefs.DBMTL
public typealias MAML = ModelDefs.MAML
public typealias AITM = ModelDefs.AITM
public typealias FunnelV2 = ModelDefs.FunnelV2
public typealias FunnelV3 = ModelDefs.FunnelV3
public typealias FunnelV4 = ModelDefs.FunnelV4
