import Data
import Foundation
import Plan

/// Reading and writing plan files.
enum PlanFile {
  /// Reads, checks and validates a plan; `-` is standard input. Throws a plan error.
  static func read(_ path: String) throws -> Plan {
    let name = path == "-" ? "<stdin>" : path
    let bytes: [UInt8]
    do {
      if path == "-" {
        bytes = [UInt8](try FileHandle.standardInput.readToEnd() ?? Foundation.Data())
      } else {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
        {
          throw ToolError(.plan, "\(name): is a folder, a plan file is needed")
        }
        bytes = [UInt8](try Foundation.Data(contentsOf: URL(fileURLWithPath: path)))
      }
    } catch let error as ToolError {
      throw error
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw ToolError(.plan, "\(name): \(exists ? "cannot be read" : "there is no such file")")
    }
    let plan: Plan
    do {
      plan = try Plan(decoding: bytes)
    } catch {
      throw ToolError(.plan, "\(name): \(error)")
    }
    try MemoryCheck.require(plan)
    return plan
  }

  /// Writes the plan whole or not at all; `-` is standard output. Throws `FileError`.
  static func write(_ plan: Plan, to path: String) throws {
    try AtomicFile.write(plan.encoded(), to: path)
  }
}
