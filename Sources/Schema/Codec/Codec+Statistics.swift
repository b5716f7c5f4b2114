// Statistics as bytes, in the heads of cached rows.

extension DataStatistics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.rows, \.bytes, \.features, \.labels, \.joins)
  }
}

extension JoinStatistics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(Self.init, \.file, \.column, \.rows, \.unmatched)
  }
}

extension FeatureStatistics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(
      Self.init, \.name, \.column, \.values, \.missing, \.outOfVocabulary, \.cardinality,
      \.distinct, \.sequence, \.undeclaredMissing, \.minimum, \.maximum, \.mean, \.deviation)
  }
}

extension LabelStatistics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(
      Self.init, \.task, \.column, \.present, \.missing, \.positives, \.mean, \.minimum,
      \.maximum, \.deviation, \.undeclaredMissing, \.unseenValues)
  }
}

extension TextCount: ByteRecord {
  package static var fields: some FieldList<Self> { Fields(Self.init, \.text, \.count) }
}

extension SequenceStatistics: ByteRecord {
  package static var fields: some FieldList<Self> {
    Fields(
      Self.init, \.cells, \.cut, \.longest, \.bracketed, \.pairs, \.negative, \.cancelling,
      \.separators)
  }
}
