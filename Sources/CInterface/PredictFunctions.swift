import CMtlc
import Experiments

// The functions of mtlc.h that predict; what they do is written there.

@_cdecl("mtlc_predictor_create")
public func predictorCreate(
  _ plan: OpaquePointer?, _ predictor: UnsafeMutablePointer<OpaquePointer?>?
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PlanHandle = try Arguments.object(plan, "plan")
    let target = try Arguments.require(predictor, "predictor")
    target.pointee = Arguments.handle(try PredictorHandle(handle.serving))
  }
}

@_cdecl("mtlc_predictor_free")
public func predictorFree(_ predictor: OpaquePointer?) {
  guard let predictor else { return }
  Unmanaged<PredictorHandle>.fromOpaque(UnsafeRawPointer(predictor)).release()
}

@_cdecl("mtlc_predict_columns")
public func predictColumns(
  _ predictor: OpaquePointer?, _ columns: UnsafePointer<mtlc_column>?, _ columnCount: Int,
  _ rows: Int, _ predictions: UnsafeMutablePointer<Float>?, _ capacity: Int
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PredictorHandle = try Arguments.object(predictor, "predictor")
    let columns = try Arguments.require(columns, "columns")
    let predictions = try Arguments.require(predictions, "predictions")
    try Arguments.requireRoom(rows, width: handle.predictor.outputCount, capacity: capacity)
    try handle.predict(columns, count: columnCount, rows: rows, into: predictions)
  }
}

@_cdecl("mtlc_predict_feeds")
public func predictFeeds(
  _ predictor: OpaquePointer?, _ feeds: UnsafePointer<mtlc_feed>?, _ feedCount: Int,
  _ rows: Int, _ predictions: UnsafeMutablePointer<Float>?, _ capacity: Int
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PredictorHandle = try Arguments.object(predictor, "predictor")
    let feeds = try Arguments.require(feeds, "feeds")
    let predictions = try Arguments.require(predictions, "predictions")
    try Arguments.requireRoom(rows, width: handle.predictor.outputCount, capacity: capacity)
    try handle.predict(feeds: feeds, count: feedCount, rows: rows, into: predictions)
  }
}

@_cdecl("mtlc_predict_text")
public func predictText(
  _ predictor: OpaquePointer?, _ text: UnsafePointer<CChar>?, _ size: Int,
  _ predictions: UnsafeMutablePointer<Float>?, _ capacity: Int,
  _ rows: UnsafeMutablePointer<Int>?
) -> CInt {
  LastError.code { () throws(ExperimentError) in
    let handle: PredictorHandle = try Arguments.object(predictor, "predictor")
    let text = try Arguments.require(text, "text")
    let predictions = try Arguments.require(predictions, "predictions")
    let target = try Arguments.require(rows, "rows")
    guard size >= 0 else { throw Arguments.error("size is \(UInt(bitPattern: size))") }
    let width = handle.predictor.outputCount
    let room = width > 0 ? Int(clamping: UInt(bitPattern: capacity)) / width : .max
    target.pointee = try handle.predictor.predict(
      text: UnsafeRawBufferPointer(start: text, count: size), into: predictions, capacity: room)
  }
}
