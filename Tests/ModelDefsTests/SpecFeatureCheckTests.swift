import ModelDefs
import Testing

/// Every check of a feature with the message it gives.
@Suite struct SpecFeatureCheckTests {
  @Test(arguments: [
    ("[]", "features: a model needs a feature"),
    ("{}", "features: expected a list of features, found an object"),
    ("['a']", "features[0]: expected an object, found the string \"a\""),
    ("[{ type: 'id' }]", "features[0]: the required key \"name\" (or \"columns\") is missing"),
    (
      "[{ name: 'a' }]",
      "features[0]: the required key \"type\" is missing; one of numeric, id, sequence, datetime,"
        + " cross, vector"
    ),
    (
      "[{ name: 'a', type: 'numerc' }]",
      "features[0].type: unknown feature type \"numerc\"; did you mean \"numeric\"?"
    ),
    ("[{ name: '', type: 'id' }]", "features[0].name: must not be empty"),
    (
      "[{ name: 'a', type: 'id' }, { name: 'a', type: 'id' }]",
      "features[1].name: another feature is named \"a\""
    ),
    (
      "[{ columns: 'x1..x3', type: 'numeric' }, { name: 'x2', type: 'id' }]",
      "features[1].name: another feature is named \"x2\""
    ),
    (
      "[{ name: 'x2', type: 'id' }, { columns: 'x1..x3', type: 'numeric' }]",
      "features[1].columns: another feature is named \"x2\""
    ),
    (
      "[{ columns: 'x0..x100000', type: 'numeric' }]",
      "features[0].columns: the range is longer than 100000"
    ),
    (
      "[{ columns: 'x1..x60000', type: 'numeric' }, { columns: 'y1..y40001', type: 'numeric' }]",
      "features: declares 100001 features, at most 100000 are possible"
    ),
    (
      "[{ columns: ['x1..x100000', 'y'], type: 'numeric' }]",
      "features[0].columns: stands for 100001 columns, at most 100000 are possible"
    ),
    (
      "[{ name: 'b', columns: ['a'], type: 'id' }]",
      "features[0].name: does not go with \"columns\""
    ),
    ("[{ columns: [], type: 'id' }]", "features[0].columns: names no column"),
    (
      "[{ name: 'income', type: 'id' }]",
      "features[0].name: the column \"income\" is the label of the task \"income\" and would give"
        + " it away"
    ),
    (
      "[{ name: 'a', column: 'married', type: 'id' }]",
      "features[0].column: the column \"married\" is the label of the task \"married\" and would"
        + " give it away"
    ),
    (
      "[{ name: 'a', type: 'id', normalizer: 'zscore' }]",
      "features[0].normalizer: does not go with the feature type \"id\"; it belongs to \"numeric\", \"datetime\""
    ),
    (
      "[{ name: 'a', type: 'numeric', normalizer: 'z_score' }]",
      "features[0].normalizer: unknown normalizer \"z_score\"; did you mean \"zscore\"?"
    ),
    (
      "[{ name: 'a', type: 'id', embedding_dim: 0 }]",
      "features[0].embedding_dim: expected an integer from 1 to 4096, found the number 0"
    ),
    (
      "[{ name: 'a', type: 'id', embedding_dim: 8.5 }]",
      "features[0].embedding_dim: expected an integer from 1 to 4096, found the number 8.5"
    ),
    (
      "[{ name: 'a', type: 'id', hash_bucket_size: 9999999999 }]",
      "features[0].hash_bucket_size: expected an integer from 1 to 2000000000, found the number"
        + " 9999999999"
    ),
    (
      "[{ name: 'a', type: 'id', hash_bucket_size: 10, num_ids: 3 }]",
      "features[0].num_ids: does not go with \"hash_bucket_size\""
    ),
    (
      "[{ name: 'a', type: 'id', num_ids: 3, min_frequency: 2 }]",
      "features[0].min_frequency: does not go with \"num_ids\""
    ),
    ("[{ name: 'a', type: 'id', vocab_list: [] }]", "features[0].vocab_list: names no entry"),
    (
      "[{ name: 'a', type: 'id', vocab_list: ['x', 'y', 'x'] }]",
      "features[0].vocab_list: names \"x\" twice"
    ),
    (
      "[{ name: 'a', type: 'id', vocab_file: 'none.txt' }]",
      "features[0].vocab_file: dir/none.txt cannot be opened: No such file or directory"
    ),
    (
      "[{ name: 'a', type: 'id', encoding: 'one_hot', embedding_dim: 3 }]",
      "features[0].embedding_dim: does not go with the encoding \"one_hot\""
    ),
    (
      "[{ name: 'a', type: 'id', encoding: 'onehot' }]",
      "features[0].encoding: unknown encoding \"onehot\"; did you mean \"one_hot\"?"
    ),
    (
      "[{ name: 'a', type: 'numeric', embedding_dim: 3 }]",
      "features[0].embedding_dim: goes only with \"boundaries\", \"num_buckets\" or an encoding"
        + " \"piecewise_linear\" or \"periodic\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'piecewise_linear', num_buckets: 4 }]",
      "features[0].num_buckets: does not go with the encoding \"piecewise_linear\", which has"
        + " \"num_bins\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'piecewise_linear', normalizer: 'log' }]",
      "features[0].normalizer: goes with bins only beside \"raw\": true"
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'periodic', boundaries: [1] }]",
      "features[0].boundaries: does not go with the encoding \"periodic\", which has"
        + " \"num_frequencies\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'periodic', point_masses: true }]",
      "features[0].point_masses: goes only with the encoding \"piecewise_linear\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'piecewise_linear', num_frequencies: 4 }]",
      "features[0].num_frequencies: goes only with the encoding \"periodic\""
    ),
    (
      "[{ name: 'a', type: 'numeric', num_buckets: 4, frequency_scale: 4 }]",
      "features[0].frequency_scale: goes only with the encoding \"periodic\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'periodic', frequency_scale: 0 }]",
      "features[0].frequency_scale: expected a number greater than 0 and at most 1000, found the number"
        + " 0"
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'periodic', num_frequencies: 0 }]",
      "features[0].num_frequencies: expected an integer from 1 to 4096, found the number 0"
    ),
    (
      "[{ name: 'a', type: 'numeric', num_bins: 4 }]",
      "features[0].num_bins: goes only with the encoding \"piecewise_linear\""
    ),
    (
      "[{ name: 'a', type: 'numeric', encoding: 'piecewise_linear', num_bins: 1 }]",
      "features[0].num_bins: expected an integer from 2 to 4096, found the number 1"
    ),
    (
      "[{ name: 'a', type: 'numeric', boundaries: [1, 1] }]",
      "features[0].boundaries: the numbers must rise"
    ),
    (
      "[{ name: 'a', type: 'numeric', boundaries: [] }]",
      "features[0].boundaries: names no place to cut"
    ),
    (
      "[{ name: 'a', type: 'numeric', boundaries: [1], num_buckets: 4 }]",
      "features[0].num_buckets: does not go with \"boundaries\""
    ),
    (
      "[{ name: 'a', type: 'numeric', num_buckets: 4, normalizer: 'log' }]",
      "features[0].normalizer: goes with buckets only beside \"raw\": true"
    ),
    (
      "[{ name: 'a', type: 'sequence', pooling: 'average' }]",
      "features[0].pooling: unknown pooling \"average\"; known: sum, mean, max, attention"
    ),
    (
      "[{ name: 'a', type: 'sequence', separator: '||' }]",
      "features[0].separator: must be one ASCII character, found \"||\""
    ),
    (
      "[{ name: 'a', type: 'id', embedding_name: 'e' },"
        + " { name: 'b', type: 'id', embedding_name: 'e', embedding_dim: 4 }]",
      "features[1].embedding_name: the shared table \"e\" has \"embedding_dim\" 8, here it is 4"
    ),
    (
      "[{ name: 'a', type: 'id', embedding_name: 'e', num_ids: 3 },"
        + " { name: 'b', type: 'id', embedding_name: 'e', num_ids: 4 }]",
      "features[1].embedding_name: the features of the shared table \"e\" get their ids in"
        + " different ways"
    ),
    (
      "[{ name: 'a', type: 'numeric', boundaries: [1] },"
        + " { name: 'b', type: 'id', embedding_name: 'a' }]",
      "features[1].embedding_name: the features of the shared table \"a\" get their ids in"
        + " different ways"
    ),
    (
      "[{ name: 'b', type: 'id', embedding_name: 'a' },"
        + " { name: 'a', type: 'numeric', boundaries: [1] }]",
      "features[1].embedding_name: the features of the shared table \"a\" get their ids in"
        + " different ways"
    ),
    (
      "[{ name: 'a', type: 'sequence', pooling: 'attention' }]",
      "features[0].pooling: goes only with \"attention_target\""
    ),
    (
      "[{ name: 'a', type: 'sequence', attention_target: 'a' }]",
      "features[0].attention_target: goes only with the pooling \"attention\""
    ),
    (
      "[{ name: 'a', type: 'sequence', pooling: 'attention', attention_target: 'a' }]",
      "features[0].attention_target: \"a\" is not an id with an embedding"
    ),
    (
      "[{ name: 'a', type: 'sequence', pooling: 'attention', attention_target: 'items' },"
        + " { name: 'item', type: 'id' }]",
      "features[0].attention_target: no feature is named \"items\"; did you mean \"item\"?"
    ),
  ])
  func checksFeatures(features: String, finding: String) {
    var fixture = SpecFixture()
    fixture.features = features
    #expect(fixture.findings().contains(finding), "\(fixture.findings())")
  }

  @Test func acceptsAsManyFeaturesAsAreAllowed() {
    var fixture = SpecFixture()
    fixture.features =
      "[{ columns: 'x1..x60000', type: 'numeric' }, { columns: 'y1..y40000', type: 'numeric' }]"
    #expect(fixture.findings() == [])
  }
}
