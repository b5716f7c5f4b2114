// The C library, and of Foundation the part that a static program needs no Unicode tables for. Every target
// that imports Schema has them, so that which ones there are is said once.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

#if canImport(FoundationEssentials)
  @_exported import FoundationEssentials
#else
  @_exported import Foundation
#endif
