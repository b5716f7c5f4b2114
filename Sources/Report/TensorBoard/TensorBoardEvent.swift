import Schema

/// One record of an event file of TensorBoard: the messages `Event` and `Summary` of its protocol buffers.
package struct TensorBoardEvent {
  package enum Value {
    case scalar(Double)
    case histogram(ValueHistogram)
    /// In Markdown.
    case text(String)
  }

  package enum Content {
    /// Begins each file.
    case fileVersion
    /// A run begins or goes on: readers forget what they have of this step and of later ones.
    case start
    case summary([(tag: String, value: Value)])
  }

  /// In seconds since 1970.
  package var time: Double
  package var step: Int
  package var content: Content

  package init(time: Double, step: Int, _ content: Content) {
    self.time = time
    self.step = step
    self.content = content
  }

  /// As it stands in a file.
  package var record: [UInt8] {
    var event = ProtobufWriter()
    event.double(1, time)
    event.integer(2, Int64(step))
    switch content {
    case .fileVersion: event.text(3, "brain.Event:2")
    case .start: event.message(7) { $0.integer(1, 1) }
    case .summary(let values):
      event.message(5) { summary in
        for (tag, value) in values {
          summary.message(1) { message in
            message.text(1, tag)
            Self.write(value, to: &message)
          }
        }
      }
    }
    return TFRecord.framed(event.bytes)
  }

  private static func write(_ value: Value, to message: inout ProtobufWriter) {
    switch value {
    case .scalar(let value): message.float(2, Float(value))
    case .histogram(let histogram):
      message.message(5) { proto in
        proto.double(1, histogram.least)
        proto.double(2, histogram.greatest)
        proto.double(3, Double(histogram.count))
        proto.double(4, histogram.sum)
        proto.double(5, histogram.sumOfSquares)
        proto.doubles(6, histogram.limits)
        proto.doubles(7, histogram.counts.map { Double($0) })
      }
    case .text(let text):
      // A tensor of one string, which the plugin for texts shows.
      message.message(8) { tensor in
        tensor.integer(1, 7)
        tensor.message(2) { shape in shape.message(2) { $0.integer(1, 1) } }
        tensor.element(8, text)
      }
      message.message(9) { metadata in metadata.message(1) { $0.text(1, "text") } }
    }
  }
}
