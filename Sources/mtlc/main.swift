import Foundation

print("mtlc")
