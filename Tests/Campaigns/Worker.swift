import Foundation
import TestSupport

/// A child: runs cases one after the other. It says on standard output how they ended, many at a time
/// since most take microseconds, and keeps the number of the case that it is at in a file: what ends
/// the child is that case's fault. Lines:
///
///     fault INDEX TEXT   at once
///     end COUNT OUTCOME  as many cases ended so, before the next
///     reached INDEX      all cases before this one are told of
///     peak KIB           at the end
struct Worker {
  /// After so many cases, or a second, it tells of them.
  private static let tellsAfter = 1_000

  let options: CampaignOptions

  func run() throws {
    let limits = options.campaign.limits
    let place = try Place(options.place ?? "")
    let isSanitized = Sanitizer.isPresent
    if let memory = limits.memory, !isSanitized { Self.limitAddressSpace(memory) }
    let seconds = isSanitized ? 10 * limits.seconds : limits.seconds
    var campaign = try options.campaign.init(folder: options.folder ?? ".")
    let end = options.seconds.map { Date(timeIntervalSince1970: $0) }
    var outcomes: [String: Int] = [:]
    var told = Date()
    var untold = 0
    func tell(reached: Int) {
      let lines = outcomes.map { "end \($0.value) \($0.key)\n" }.joined()
      say(lines + "reached \(reached)")
      (outcomes, told, untold) = ([:], Date(), 0)
    }
    var index = options.first
    while index < options.first + options.cases {
      if let end, Date() >= end { break }
      place.set(index)
      Self.startTimers(seconds)
      var test = Case(random: Random(seed: options.seed, index: index), isTold: false)
      do {
        outcomes[try campaign.run(&test), default: 0] += 1
      } catch {
        say("fault \(index) " + "\(error)".replacing("\n", with: " "))
      }
      index += 1
      untold += 1
      if untold == Self.tellsAfter || told.timeIntervalSinceNow < -1 { tell(reached: index) }
    }
    Self.startTimers(0)
    tell(reached: index)
    var usage = rusage()
    getrusage(Self.ownUsage, &usage)
    say("peak \(usage.ru_maxrss)")
  }

  /// Ends the process by SIGPROF after so many seconds of processor time, and by SIGALRM after ten
  /// times as many; 0 stops both.
  private static func startTimers(_ seconds: Int) {
    var timer = itimerval()
    timer.it_value.tv_sec = seconds
    #if canImport(Glibc)
      setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    #else
      setitimer(ITIMER_PROF, &timer, nil)
    #endif
    alarm(UInt32(10 * seconds))
  }

  private static func limitAddressSpace(_ mebibytes: Int) {
    let bytes = rlim_t(mebibytes) << 20
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    #if canImport(Glibc)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      setrlimit(RLIMIT_AS, &limit)
    #endif
  }

  private static var ownUsage: __rusage_who_t {
    #if canImport(Glibc)
      __rusage_who_t(RUSAGE_SELF.rawValue)
    #else
      RUSAGE_SELF
    #endif
  }
}

/// Writes a line at once: what is kept back is lost when a case traps.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
