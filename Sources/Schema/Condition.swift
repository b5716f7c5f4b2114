/// A lock that threads can wait under until another one changes what it guards.
///
/// As `Guarded`, it is the system's, which the thread sanitizer sees.
package final class Condition: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }
  package func unlock() { pthread_mutex_unlock(mutex) }

  /// Gives the lock up until somebody calls `broadcast`, and takes it again.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// As `wait`, but for about so many milliseconds at most, which are below 1,000.
  ///
  /// - Returns: Whether it was woken before.
  package func wait(milliseconds: Int) -> Bool {
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_nsec += milliseconds * 1_000_000
    if end.tv_nsec >= 1_000_000_000 {
      end.tv_sec += 1
      end.tv_nsec -= 1_000_000_000
    }
    return pthread_cond_timedwait(condition, mutex, &end) == 0
  }

  /// Wakes all that wait.
  package func broadcast() { pthread_cond_broadcast(condition) }
}
