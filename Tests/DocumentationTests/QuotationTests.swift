import Testing

/// Source that a document quotes, below a comment `<!-- file: PATH -->`, is the source.
@Suite struct QuotationTests {
  @Test func quotedFilesAreTheFiles() throws {
    var quotations = 0
    for path in Repository.documents {
      for block in try Document(path).blocks {
        guard let match = block.before.wholeMatch(of: #/<!-- file: (\S+) -->/#) else { continue }
        let source = try Repository.text(String(match.1))
        #expect(!block.lines.isEmpty, "\(path) quotes \(match.1)")
        #expect(source.contains(block.text), "\(path) quotes another text than \(match.1) holds")
        quotations += 1
      }
    }
    #expect(quotations > 0)
  }
}
