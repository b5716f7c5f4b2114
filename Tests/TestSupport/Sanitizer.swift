import Foundation

/// Whether the address or the thread sanitizer is built in. They reserve terabytes of address space, take
/// their time, and their libraries are linked by programs that have the sanitizer too.
package enum Sanitizer {
  package static let isPresent: Bool = {
    let own = dlopen(nil, RTLD_NOW)
    return dlsym(own, "__asan_init") != nil || dlsym(own, "__tsan_init") != nil
  }()
}
