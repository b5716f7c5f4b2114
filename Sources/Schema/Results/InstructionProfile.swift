/// Where the time of one instruction goes.
public struct InstructionProfile: Sendable, Hashable {
  /// The instruction's place in its program.
  public var index: Int
  /// Its kernel family, as `matmul`.
  public var name: String
  /// What its first result holds, as far as the plan says.
  public var label: String
  /// The level that it belongs to.
  public var level: Int
  /// Into how many tiles its kernel cuts the work.
  public var tiles: Int
  /// The median over the repeats, on one thread.
  public var nanoseconds: Double
  /// Additions and multiplications as executed, and bytes read and written, each element once.
  public var flops: Double
  public var bytes: Double

  package init(
    index: Int, name: String, label: String, level: Int, tiles: Int, nanoseconds: Double,
    flops: Double, bytes: Double
  ) {
    self.index = index
    self.name = name
    self.label = label
    self.level = level
    self.tiles = tiles
    self.nanoseconds = nanoseconds
    self.flops = flops
    self.bytes = bytes
  }

  public var gigaflopsPerSecond: Double { nanoseconds > 0 ? flops / nanoseconds : 0 }
  public var gigabytesPerSecond: Double { nanoseconds > 0 ? bytes / nanoseconds : 0 }
}
