import CInterface
import CMtlc
import Testing

@Suite struct VersionTests {
  @Test func theLibraryIsOfTheHeadersVersion() {
    #expect(mtlc_version() == UInt32(MTLC_VERSION_MAJOR) << 16 | UInt32(MTLC_VERSION_MINOR))
  }
}
