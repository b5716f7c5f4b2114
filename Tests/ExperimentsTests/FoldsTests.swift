import Experiments
import Testing

/// How rows are dealt out to folds.
@Suite struct FoldsTests {
  private func places(_ folds: Folds, rows: Int) -> [Int] {
    var places = [Int](repeating: -1, count: rows)
    for (number, fold) in folds.folds.enumerated() {
      #expect(fold.heldOut == fold.heldOut.sorted() && fold.training == fold.training.sorted())
      #expect(Set(fold.heldOut).union(fold.training).count == rows)
      #expect(fold.heldOut.count + fold.training.count == rows)
      for row in fold.heldOut {
        #expect(places[Int(row)] == -1, "held out twice")
        places[Int(row)] = number
      }
    }
    #expect(!places.contains(-1))
    return places
  }

  @Test func eachRowIsHeldOutOnceAndTheSeedDecidesWhere() throws {
    let folds = try Folds(4, rows: 103, seed: 7)
    let places = places(folds, rows: 103)
    #expect(folds.folds.map(\.heldOut.count).sorted() == [25, 26, 26, 26])
    #expect(try self.places(Folds(4, rows: 103, seed: 7), rows: 103) == places)
    #expect(try self.places(Folds(4, rows: 103, seed: 8), rows: 103) != places)
    // Neighbours in the file are not neighbours in a fold.
    #expect(zip(places, places.dropFirst()).count { $0 == $1 } < 50)
  }

  @Test func stratifiedFoldsHaveTheSameShareOfEachClass() throws {
    let classes = (0..<200).map { $0 % 10 == 0 ? 1 : $0 % 29 == 3 ? 2 : 0 }
    let folds = try Folds(5, rows: 200, classes: classes, seed: 1)
    _ = places(folds, rows: 200)
    for number in 0...2 {
      let counts = folds.folds.map { fold in fold.heldOut.count { classes[Int($0)] == number } }
      #expect(counts.max()! - counts.min()! <= 1, "\(counts)")
    }
  }

  @Test func groupsStayTogether() throws {
    let groups = (0..<150).map { $0 * 7 % 31 }
    let classes = (0..<150).map { $0 * 7 % 31 < 6 ? 1 : 0 }
    for classes in [nil, classes] {
      let folds = try Folds(3, rows: 150, groups: groups, classes: classes, seed: 2)
      let places = places(folds, rows: 150)
      for group in 0..<31 {
        #expect(Set((0..<150).filter { groups[$0] == group }.map { places[$0] }).count == 1)
      }
      #expect(folds.folds.allSatisfy { 40...60 ~= $0.heldOut.count })
    }
    #expect(throws: ExperimentError.self) {
      try Folds(3, rows: 4, groups: [0, 1, 0, 1], seed: 1)
    }
  }

  @Test func foldsInTimeFollowWhatTheyAreTrainedOn() throws {
    let times = [5, 1, 1, 9, 4, 4, 4, 2, 7, 8, 3, 6]
    let order = (0..<12).map { Int32($0) }.sorted { (times[Int($0)], $0) < (times[Int($1)], $1) }
    let folds = try Folds(3, inOrder: order) { times[Int($0)] == times[Int($1)] }
    #expect(folds.folds.count == 3)
    for fold in folds.folds {
      let last = fold.training.map { times[Int($0)] }.max()!
      #expect(fold.heldOut.allSatisfy { times[Int($0)] > last })
    }
    #expect(folds.folds[2].training.count + folds.folds[2].heldOut.count == 12)
    #expect(throws: ExperimentError.self) { try Folds(3, inOrder: order) { _, _ in true } }
  }
}
