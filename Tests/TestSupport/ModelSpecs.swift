/// The models that every test over models draws from: one of each type of the registry. They suit
/// specs with the tasks `income` and `married` and the features `job` and `town` of one width.
public enum ModelSpecs {
  public static let all: [(type: String, model: String)] = [
    (
      "shared_bottom",
      "{ type: 'shared_bottom', bottom_hidden_units: [6], tower_hidden_units: [3] }"
    ),
    (
      "mmoe",
      "{ type: 'mmoe', num_experts: 2, expert_hidden_units: [6, 4], gate_hidden_units: [5],"
        + " tower_hidden_units: [3] }"
    ),
    (
      "mmoe_v2",
      "{ type: 'mmoe_v2', num_layers: 2, num_experts: 2, expert_hidden_units: [6, 4],"
        + " tower_hidden_units: [3] }"
    ),
    (
      "cgc",
      "{ type: 'cgc', num_task_experts: 2, num_shared_experts: 1, expert_hidden_units: [4],"
        + " tower_hidden_units: [3] }"
    ),
    (
      "ple",
      "{ type: 'ple', num_levels: 2, num_task_experts: 1, num_shared_experts: 2,"
        + " expert_hidden_units: [4], tower_hidden_units: [3] }"
    ),
    (
      "dbmtl",
      "{ type: 'dbmtl', bottom_hidden_units: [6], num_experts: 2, expert_hidden_units: [4],"
        + " tower_hidden_units: [3], relation_hidden_units: [3], parents: { married: 'income' } }"
    ),
    (
      "esmm",
      "{ type: 'esmm', tower_hidden_units: [6], user_features: ['job', 'town'] }"
    ),
    ("funnel_v2", "{ type: 'funnel_v2', tower_hidden_units: [6, 4] }"),
    ("funnel_v3", "{ type: 'funnel_v3', tower_hidden_units: [6], conditional_outputs: true }"),
    ("funnel_v4", "{ type: 'funnel_v4', tower_hidden_units: [6], info_hidden_units: [5] }"),
    ("aitm", "{ type: 'aitm', tower_hidden_units: [6, 4] }"),
  ]
}
