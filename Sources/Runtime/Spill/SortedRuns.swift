/// Elements in rising order, of any number: memory sorts as many as it should hold, a file takes each such run,
/// and the runs are merged while they are read.
struct SortedRuns<Element: BitwiseCopyable & Comparable> {
  private let file: SpillFile
  /// The most elements that memory holds, as long as the file takes the others.
  private var limit: Int
  private let sort: (inout [Element]) -> Void
  private var runs: [SpilledPart<Element>] = []
  private var recent: [Element] = []
  private(set) var count = 0

  init(_ file: SpillFile, limit: Int, sort: @escaping (inout [Element]) -> Void) {
    self.file = file
    self.limit = max(1, limit)
    self.sort = sort
  }

  mutating func add(_ element: Element) {
    recent.append(element)
    count += 1
    if recent.count >= limit { spill() }
  }

  private mutating func spill() {
    sort(&recent)
    guard let part = file.write(recent) else {
      limit = .max
      return
    }
    runs.append(part)
    recent.removeAll(keepingCapacity: true)
  }

  /// Sorts what has not been; to be called behind the last element.
  mutating func finish() { sort(&recent) }

  /// Calls `body` with every element from the lowest up, after `finish`.
  func forEachElement(_ body: (Element) -> Void) throws(SpillError) {
    if runs.isEmpty { return recent.forEach(body) }
    var cursors: [Cursor] = []
    for run in runs {
      if let cursor = try Cursor(run, file) { cursors.append(cursor) }
    }
    if let cursor = Cursor(recent) { cursors.append(cursor) }
    var heads = cursors.map(\.element)
    // A heap of cursors by their number: that with the lowest element stands first.
    var heap = Array(cursors.indices)
    for place in heap.indices.reversed() { Self.sink(&heap, heads, place) }
    while let least = heap.first {
      body(heads[least])
      if try cursors[least].advance(file) {
        heads[least] = cursors[least].element
      } else {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
      }
      Self.sink(&heap, heads, 0)
    }
  }

  /// Lets what stands at a place change with the lower one of the two below it, until neither is lower.
  private static func sink(_ heap: inout [Int], _ heads: [Element], _ start: Int) {
    var place = start
    while true {
      var least = place
      for below in 2 * place + 1...2 * place + 2
      where below < heap.count && heads[heap[below]] < heads[heap[least]] {
        least = below
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }

  /// A place in a run.
  private struct Cursor {
    /// As many elements as are read at once.
    static var piece: Int { 8192 }

    private let run: SpilledPart<Element>?
    /// Elements of the run that have been read.
    private var read: Int
    private var elements: [Element]
    private var next = 0
    private(set) var element: Element

    /// nil for a run without elements.
    init?(_ run: SpilledPart<Element>, _ file: SpillFile) throws(SpillError) {
      let elements = try file.read(run, 0..<min(Self.piece, run.count))
      guard let first = elements.first else { return nil }
      (self.run, read, self.elements, element) = (run, elements.count, elements, first)
    }

    /// Elements that are in memory.
    init?(_ elements: [Element]) {
      guard let first = elements.first else { return nil }
      (run, read, self.elements, element) = (nil, elements.count, elements, first)
    }

    /// Goes to the next element; false behind the last.
    mutating func advance(_ file: SpillFile) throws(SpillError) -> Bool {
      next += 1
      if next == elements.count {
        guard let run, read < run.count else { return false }
        elements = try file.read(run, read..<min(read + Self.piece, run.count))
        read += elements.count
        next = 0
      }
      element = elements[next]
      return true
    }
  }
}
