import Foundation

do {
  var options = try CampaignOptions(Array(CommandLine.arguments.dropFirst()))
  if options.isWorker {
    try Worker(options: options).run()
    exit(0)
  }
  let folder =
    FileManager.default.temporaryDirectory
    .appendingPathComponent("campaign-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  options.folder = folder
  var campaign = try options.campaign.init(folder: folder)
  var isSound = true
  if let only = options.only {
    var test = Case(random: Random(seed: options.seed, index: only), isTold: true)
    do {
      say(try campaign.run(&test))
    } catch {
      say("fault: \(error)")
      isSound = false
    }
  } else {
    isSound = Supervisor(options, folder: folder).run()
  }
  try? FileManager.default.removeItem(atPath: folder)
  exit(isSound ? 0 : 1)
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(2)
}
