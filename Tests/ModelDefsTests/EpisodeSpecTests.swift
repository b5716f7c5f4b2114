import ModelDefs
import Testing

/// Specs of models that learn from episodes: which keys apply.
@Suite struct EpisodeSpecTests {
  private func findings(_ text: String, _ overrides: String...) -> [String] {
    do {
      _ = try Spec(text: text, file: "s.json5", overrides: overrides)
      return []
    } catch let error as SpecError {
      return error.findings.map { "\($0.path): \($0.message)" }
    } catch {
      return ["\(error)"]
    }
  }

  private static let images = """
    { name: 'few', data: { train: 'a.npy', test: 'b.npy' },
      model: { type: 'maml', network: 'mlp', ways: 3 }, training: { meta_steps: 7 } }
    """
  private static let rows = """
    { name: 'cold', data: { train: 'a.csv' },
      features: [{ name: 'age', type: 'numeric' }], tasks: [{ name: 'click' }],
      model: { type: 'maml', group: 'user', base: { type: 'mmoe' } }, training: { meta_steps: 7 } }
    """
  private static let ofRows = """
    { name: 'rows', data: { train: 'a.csv' },
      features: [{ name: 'age', type: 'numeric' }], tasks: [{ name: 'click' }],
      model: { type: 'mmoe' } }
    """

  @Test func decodesImages() throws {
    let spec = try Spec(text: Self.images, file: "s.json5")
    guard case .images(let model) = spec.learning else {
      Issue.record("not of images")
      return
    }
    #expect((model.ways, model.shots, model.queries) == (3, 1, 15))
    #expect(model.network == BaseNetwork(kind: .mlp))
    // Four blocks halve the sides; the sums of a layer take any.
    #expect(BaseNetwork(kind: .mlp).smallestSide == 1)
    #expect(BaseNetwork(kind: .conv4).smallestSide == 16)
    #expect(spec.episodes?.steps == 7)
    #expect(spec.episodes?.evaluationEpisodes == 200)
    #expect(spec.files.rotations)
    #expect(spec.features.isEmpty && spec.tasks.isEmpty)
  }

  @Test func decodesGroups() throws {
    let spec = try Spec(text: Self.rows, file: "s.json5")
    guard case .groups(let model) = spec.learning else {
      Issue.record("not of rows")
      return
    }
    #expect(model.group == "user" && model.base.type == "mmoe")
    #expect(spec.dataDeclaration.features.map(\.column) == ["age", "user"])
    #expect(spec.episodes?.evaluationEpisodes == nil)
  }

  @Test func scheduleClippingAndEarlyStoppingApply() throws {
    let spec = try Spec(
      text: Self.images, file: "s.json5",
      overrides: [
        "training.learning_rate_schedule={type:'cosine',warmup_steps:3}",
        "training.gradient_clip_norm=2", "training.gradient_clip_value=1",
        "training.eval_every=2", "data.validation=c.npy",
        "training.early_stopping={metric:'accuracy',patience:2}",
      ])
    #expect(spec.training.schedule.shape == .cosine(final: 0))
    #expect(spec.training.clipping.norm == 2 && spec.training.clipping.value == 1)
    #expect(spec.training.earlyStopping?.patience == 2)
    #expect(spec.training.earlyStopping?.maximizes == true)
    let losses = try Spec(
      text: Self.images, file: "s.json5",
      overrides: [
        "training.eval_every=2", "data.validation=c.npy",
        "training.early_stopping={metric:'loss'}",
      ])
    #expect(losses.training.earlyStopping?.maximizes == false)
  }

  /// A key of the other kind of learning is reported at its place.
  @Test func keysThatDoNotApplyAreRefused() {
    let noEpisodes = "does not go with a model that learns from episodes"
    for text in [Self.images, Self.rows] {
      for key in [
        "batch_size", "eval_batch_size", "epochs", "l2", "embedding_l2", "gradnorm_alpha",
      ] {
        #expect(findings(text, "training.\(key)=1").contains("training.\(key): \(noEpisodes)"))
      }
      #expect(
        findings(text, "training.shuffle=false").contains("training.shuffle: \(noEpisodes)"))
      #expect(
        findings(text, "training.sparse_optimizer={type:'sgd'}")
          .contains("training.sparse_optimizer: \(noEpisodes)"))
    }
    for key in ["meta_steps", "meta_batch_size", "eval_episodes", "eval_every"] {
      #expect(
        findings(Self.ofRows, "training.\(key)=5")
          == ["training.\(key): goes only with a model that learns from episodes"])
    }
    #expect(
      findings(Self.ofRows, "data.rotations=true")
        == ["data.rotations: goes only with episodes of images"])
    #expect(
      findings(Self.ofRows, "data={train:'a',test:'b',generate:'characters'}")
        == ["data.generate: goes only with episodes of images"])
    for key in ["header=true", "sample_weight=w", "validation_fraction=0.1", "cache=c"] {
      let name = key.prefix { $0 != "=" }
      #expect(
        findings(Self.images, "data.\(key)")
          == ["data.\(name): does not go with episodes of images"])
    }
    #expect(
      findings(Self.rows, "data.sample_weight=w") == ["data.sample_weight: \(noEpisodes)"])
    #expect(
      findings(Self.images, "tasks=[{name:'x'}]") == ["tasks: goes only with \"features\""])
    #expect(
      findings(Self.images, "model.support_rows=3")
        == [
          "model.support_rows: goes only with \"features\", with which tasks are groups of rows"
        ])
    #expect(
      findings(Self.rows, "model.ways=3")
        == ["model.ways: goes only with images, in a spec without \"features\""])
  }

  @Test func mistakes() {
    #expect(
      findings(Self.rows, "model.group=null")
        == ["model: the required key \"group\" is missing"])
    #expect(
      findings(Self.rows, "model.base=null") == ["model: the required key \"base\" is missing"])
    #expect(
      findings(Self.rows, "model.base={type:'maml',group:'x',base:{type:'mmoe'}}")
        == ["model.base: a model that learns from episodes itself cannot be adapted"])
    #expect(
      findings(Self.rows, "model.base.num_expert=3").first?.contains(
        "model.base.num_expert: unknown key; did you mean \"num_experts\"") == true)
    #expect(
      findings(Self.images, "training.early_stopping={metric:'accuracy'}")
        == [
          "training.early_stopping: needs evaluations on validation data: \"data.validation\" and"
            + " \"eval_every\""
        ])
    #expect(
      findings(Self.images, "training.learning_rate_schedule={type:'step'}")
        == [
          "training.learning_rate_schedule: needs \"period_steps\": there are no epochs"
        ])
    #expect(
      findings(Self.images, "training.learning_rate_schedule={type:'cosine',warmup_epochs:1}")
        .first?.contains("which has no epochs") == true)
    #expect(
      findings(Self.ofRows, "features=null") == [": the required key \"features\" is missing"])
  }
}
