import TensorTypes
import Testing

@Suite struct ShapeTests {
  @Test func textsOfDimensions() {
    let read: [(String, Dimension?)] = [
      ("B", .batches(1)), ("B2", .batches(2)), ("B32", .batches(32)), ("7", .fixed(7)),
      ("-7", .fixed(-7)), ("0", .fixed(0)), ("", nil), ("b", nil), ("B1", nil), ("2B", nil),
      ("1.5", nil), (" 1", nil),
    ]
    for (text, expected) in read { #expect(Dimension(text: text) == expected, "\(text)") }
    #expect(Dimension.batch.description == "B")
    #expect(Dimension.batches(3).description == "B3")
    #expect(Dimension.fixed(12).description == "12")
  }

  @Test func sizesOfDimensions() {
    let (multiple, fixed) = (Dimension.batches(3), Dimension.fixed(7))
    #expect([multiple.size(batch: 5), fixed.size(batch: 5)] == [15, 7])
    #expect([multiple.fixedFactor, fixed.fixedFactor] == [3, 7])
    #expect([multiple.isBatch, fixed.isBatch] == [true, false])
    #expect([multiple.fixedSize, fixed.fixedSize] == [nil, 7])
  }

  @Test func sizesOfShapes() {
    let shape: Shape = [4, .batches(3), 5]
    #expect(shape.sizes(batch: 7) == [4, 21, 5])
    #expect(shape.count(batch: 7) == 420)
    #expect(shape.fixedCount == 60)
    #expect(shape.rank == 3)
    #expect(shape.hasBatch)
    #expect(shape.batchAxis == 1)
    #expect(shape.last == 5)
    #expect(shape[0] == 4)
    #expect(!shape.isScalar)
    #expect(shape.description == "[4, B3, 5]")
    let scalar = Shape.scalar
    #expect(scalar.isScalar && !scalar.hasBatch && scalar.last == nil && scalar.batchAxis == nil)
    #expect([scalar.rank, scalar.count(batch: 7), scalar.fixedCount] == [0, 1, 1])
    #expect(Shape([.batch, 2, .batches(4)]).batchAxis == 0)
  }

  @Test func texts() {
    #expect(TensorType.f32(.batch, 16).description == "f32[B, 16]")
    #expect(TensorType.i32(.batch, 2).description == "i32[B, 2]")
    #expect(TensorType.bool().description == "bool[]")
    #expect(DType.allCases.map(\.description) == ["f32", "i32", "bool"])
  }
}
