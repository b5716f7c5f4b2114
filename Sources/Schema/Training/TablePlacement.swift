/// Where tables that are updated by rows are when several processes train one model.
public enum TablePlacement: String, Sendable, Hashable, CaseIterable {
  /// Whole at each process.
  case replicated
  /// Row r with its optimizer states at process r mod n alone.
  case sharded
}
