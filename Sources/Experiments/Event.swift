import Schema

/// Something that an experiment tells its observer.
public enum Event: Sendable {
  /// Files are being read, at most ten times a second.
  /// - Parameters:
  ///   - title: What is done, as `reading test rows`.
  ///   - bytes: Bytes read, of all bytes of the files (0 where that is unknown).
  case reading(title: String, bytes: Int, totalBytes: Int)
  /// Files were read.
  /// - Parameters:
  ///   - verb: What was done with the rows: `read`, `encoded`, `predicted`; `opened` where a cache held
  ///     them.
  ///   - bytes: Bytes of text; 0 where a cache held the rows.
  case read(verb: String, rows: Int, bytes: Int, seconds: Double)
  /// Training of a plan begins.
  case trainingStarts(CompiledPlan)
  /// Training, a few times a second and at the end of each epoch.
  case progress(TrainingStatus)
  /// An epoch is over, or a tenth of the meta steps.
  case epoch(EpochReport)
  /// The model was evaluated on episodes in between.
  case evaluation(Evaluation)
  /// The model was looked at between two epochs, or after the last one, as `Diagnoses` asked for.
  case moment(TrainingMoment)
  /// Training is over, by its end or by an error.
  case trainingEnds
  /// A fold of a cross-validation was trained and evaluated.
  case fold(CrossValidation.Fold, of: Int)
  /// A training of a search for hyperparameters is done.
  case trial(TrialResult)
  /// Something worth knowing, as `wrote cache/train.mtld`.
  case note(String)
  /// Something that may be a mistake of the spec or of the data.
  case warning(String)
}
