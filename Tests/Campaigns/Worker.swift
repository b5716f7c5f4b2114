import Foundation

/// A child: runs cases one after the other and says on standard output how each ends, a line each.
/// What ends the child is the fault of the case that it began last.
struct Worker {
  let options: CampaignOptions

  func run() throws {
    let limits = options.campaign.limits
    if let memory = limits.memory, !options.isUnlimited { Self.limitAddressSpace(memory) }
    var campaign = try options.campaign.init(folder: options.folder ?? ".")
    let end = options.seconds.map { Date(timeIntervalSince1970: $0) }
    for index in options.first..<(options.first + options.cases) {
      if let end, Date() >= end { break }
      say("begin \(index)")
      Self.startTimers(limits.seconds)
      var test = Case(random: Random(seed: options.seed, index: index), isTold: false)
      do {
        say("end \(try campaign.run(&test))")
      } catch {
        say("fault " + "\(error)".replacing("\n", with: " "))
      }
    }
    Self.startTimers(0)
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
