import Schema
import Transport
import TransportExercise

/// A worker of the tests of `MPITransport`:
///
///     transport-worker exercise [BYTES]   every call, with bytes that are checked
///     transport-worker hang RANK          that rank ends in the middle of a call of the others
@main enum TransportWorker {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      let transport = try MPITransport()
      switch arguments.first {
      case "hang":
        if arguments.last == "\(transport.rank)" { transport.fail("as the test asks for") }
        try transport.barrier()
      default:
        try TransportExercise.run(transport, bytes: arguments.last.flatMap { Int($0) } ?? 70_001)
      }
      print("rank \(transport.rank) of \(transport.count), \(transport.library)")
      try transport.finish()
    } catch let error as TransportError {
      print("error: \(error)")
      exit(1)
    }
  }
}
